/** The rows of a benchmark as a table for a person, and as Markdown for docs/benchmarks.md. */
import { table } from 'table';

/**
 * @typedef {object} Row one figure and what it has to be
 * @property {string} what what was measured
 * @property {string} ours our figure, with its unit
 * @property {string} theirs the figure that it is compared with, or ""
 * @property {number} [ratio] ours / theirs, or for a row without a comparison the figure itself
 * @property {number} most what `ratio` may be at most
 * @property {string} [unit] the unit of `most`, where there is no comparison
 */

const TITLES = ['case', 'swarmroll', 'compared with', 'ratio', 'at most', 'holds'];

const cells = ({ what, ours, theirs, ratio, most, unit = '' }) => [
  what,
  ours,
  theirs,
  theirs === '' ? '' : ratio.toFixed(2),
  `${most}${unit}`,
  ratio <= most ? 'yes' : 'NO',
];

/** For a terminal. */
export function asTable(rows) {
  return table([TITLES, ...rows.map(cells)], {
    columns: [{}, ...Array(4).fill({ alignment: 'right' }), {}],
    drawHorizontalLine: (line, lines) => line < 2 || line === lines,
  });
}

/** For a page. */
export function asMarkdown(rows) {
  const line = (texts) => `| ${texts.join(' | ')} |`;
  return [
    line(TITLES),
    line(['---', '---:', '---:', '---:', '---:', '---']),
    ...rows.map((row) => line(cells(row))),
  ].join('\n');
}
