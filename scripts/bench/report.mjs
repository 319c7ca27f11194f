/** Formats the rows of a benchmark: as a table for the terminal, and as Markdown for docs/benchmarks.md. */
import { table } from 'table';

/**
 * @typedef {object} Row one result and its limit
 * @property {string} what the name of the measurement
 * @property {string} build 'executable' or 'Node'
 * @property {string} ours the result of swarmroll, with its unit
 * @property {string} theirs the result to compare with, or ""
 * @property {number} [ratio] ours / theirs; without a comparison, the result itself
 * @property {number} [most] the limit of `ratio`, if it has one
 * @property {string} [unit] the unit of `most`, if there is no comparison
 */

const TITLES = ['case', 'build', 'swarmroll', 'compared with', 'ratio', 'at most', 'holds'];

const cells = ({ what, build, ours, theirs, ratio, most, unit = '' }) => [
  what,
  build,
  ours,
  theirs,
  theirs === '' ? '' : ratio.toFixed(2),
  most === undefined ? '' : `${most}${unit}`,
  most === undefined ? '' : ratio <= most ? 'yes' : 'NO',
];

/** The rows as a table for a terminal. */
export function asTable(rows) {
  return table([TITLES, ...rows.map(cells)], {
    columns: [{}, {}, ...Array(4).fill({ alignment: 'right' }), {}],
    drawHorizontalLine: (line, lines) => line < 2 || line === lines,
  });
}

/** The rows as a Markdown table. */
export function asMarkdown(rows) {
  const line = (texts) => `| ${texts.join(' | ')} |`;
  return [
    line(TITLES),
    line(['---', '---', '---:', '---:', '---:', '---:', '---']),
    ...rows.map((row) => line(cells(row))),
  ].join('\n');
}
