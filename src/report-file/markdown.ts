/** The report in Markdown: that of GitHub, GitLab and plain text. Pure. */
import type { FailureReport } from '../rollout/failure-report.ts';
import { shortDigest } from '../rollout/image.ts';
import type { Result } from '../rollout/result.ts';
import { printable } from '../values/printable.ts';
import {
  dateAndTime,
  errorOf,
  failureHead,
  hintOf,
  messageOf,
  servicesOf,
  stepsOf,
  tasksText,
  timeText,
  titleOf,
  verdictWords,
  waitingLines,
} from './report.ts';
import type { CommandReport } from './report.ts';
import { withoutCommands } from './workflow-commands.ts';

/**
 * The report.
 * @param limit the most bytes (UTF-8); the parts on services that find no space are left out, and counted
 */
export function markdown(report: CommandReport, limit = Infinity): string {
  const services = servicesOf(report);
  const error = errorOf(report);
  const head = [
    `# ${code(titleOf(report))}`,
    `\`swarmroll ${report.command}\`, ${dateAndTime(report.date)}, exit code ${report.ended.exitCode}`,
    ...fence([error?.message, error?.hint]),
  ];
  const body =
    services.length > 1 ? [table(services), ...services.filter(hasMore).map(section)] : services.map(section);
  const parts = [...head, ...body].map((part) => withoutCommands(`${part}\n\n`));
  let size = 0;
  for (const [index, part] of parts.entries()) {
    const left = `${parts.length - index} more parts of this report are left out: it would be too long.\n`;
    size += Buffer.byteLength(part);
    if (size + Buffer.byteLength(left) > limit) return `${parts.slice(0, index).join('')}${left}`;
  }
  return `${parts.join('').trimEnd()}\n`;
}

/** Whether there is more to say than the row of the table. */
const hasMore = ({ exitCode, notes = [] }: Result): boolean => exitCode !== 0 || notes.length > 0;

const table = (services: readonly Result[]): string =>
  rows(
    ['service', 'verdict', 'exit code', 'tasks', 'time'],
    services.map((result) => [
      code(result.service.name),
      verdictWords(result),
      String(result.exitCode),
      tasksText(result) ?? '',
      timeText(result) ?? '',
    ]),
  );

function section(result: Result): string {
  const { tasks } = result;
  const facts = [
    `**${verdictWords(result)}**`,
    tasks === undefined ? undefined : `${tasksText({ tasks })} tasks`,
    timeText(result),
  ];
  const steps = stepsOf(result).flatMap(([command, purpose]) => [
    purpose === '' ? '' : `# ${purpose}`,
    command,
  ]);
  const hint = hintOf(result);
  return [
    `## ${code(result.service.name)}`,
    facts.filter((fact) => fact !== undefined).join(', '),
    ...endOf(result),
    ...partsOf(result, 3),
    ...part(3, 'Next step', [...(hint === undefined ? [] : [code(hint)]), ...fence(steps, 'sh')]),
  ].join('\n\n');
}

const endOf = (result: Result): readonly string[] => [
  ...fence([messageOf(result)]),
  ...fence([result.error?.hint]),
  ...(result.notes ?? []).map((note) => `- ${code(note)}`),
];

/** A part of what there is to say of a service; nothing if its body is empty. */
const part = (level: number, title: string, body: readonly string[]): readonly string[] =>
  body.length === 0 ? [] : [`${'#'.repeat(level)} ${title}`, ...body];

/** What changed, the failures, what the service waits for, and its undo, which has the same parts. */
function partsOf(result: Result, level: number): readonly string[] {
  const { changed = [], failures = [], moreFailures, rollback } = result;
  const more = moreFailures === undefined ? [] : [`and ${moreFailures} more`];
  const undo = rollback === undefined ? [] : [...endOf(rollback), ...partsOf(rollback, level + 1)];
  return [
    ...part(level, 'What changed', changesTable(changed)),
    ...part(level, 'Failures', [...failures.flatMap(failureLines), ...more]),
    ...part(level, 'Still waiting', fence(waitingLines(result))),
    ...part(level, 'Undo', undo),
  ];
}

function changesTable(changed: NonNullable<Result['changed']>): readonly string[] {
  if (changed.length === 0) return [];
  const cells = changed.map(({ field, before = '', after = '' }) =>
    [field, before, after].map(shortDigest).map(code),
  );
  return [rows(['field', 'before', 'after'], cells)];
}

const failureLines = (failure: FailureReport): readonly string[] => [
  `${code(failureHead(failure))}, image ${code(shortDigest(failure.image))}`,
  ...fence([failure.error]),
  ...(failure.log.length === 0 ? [] : ['The last lines of its log:']),
  ...fence(failure.log.map((line) => `| ${line}`)),
  ...(failure.noLog === undefined ? [] : [`No log: ${code(failure.noLog)}`]),
];

const rows = (head: readonly string[], body: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Lines as a block that they cannot end: its fence is longer than any that they have. Nothing, if no line has a text. */
function fence(lines: readonly (string | undefined)[], language = 'text'): readonly string[] {
  const text = lines
    .map((line = '') => printable(line))
    .filter((line) => line !== '')
    .join('\n');
  if (text === '') return [];
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const mark = '`'.repeat(longest + 1);
  return [`${mark}${language}\n${text}\n${mark}`];
}

/**
 * A text from outside within a line or a cell of a table: nothing in it is Markdown, HTML, a link, or the name of a user. In a
 * table, a pipe ends a cell even there, and backticks would end the code: then every special character becomes a reference.
 */
function code(from: string): string {
  const text = printable(from).trim();
  if (text === '') return '';
  if (!/[`|\\]/.test(text)) return `\`${text}\``;
  const referred = text.replace(/[^\p{L}\p{N} ]/gu, (character) => `&#${character.codePointAt(0) ?? 0};`);
  return `<code>${referred}</code>`;
}
