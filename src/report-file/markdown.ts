/** The report in Markdown: that of GitHub, GitLab and plain text. Pure. */
import { shortDigest } from '../rollout/image.ts';
import type { Result } from '../rollout/result.ts';
import { roundedDuration } from '../values/duration.ts';
import { printable } from '../values/printable.ts';
import { dateAndTime, errorOf, failureHead, hintOf, messageOf, pendingLines } from './report.ts';
import { servicesOf, stepsOf, titleOf, verdictWords } from './report.ts';
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
    ...(error === undefined
      ? []
      : [fence([error.message, ...(error.hint === undefined ? [] : [error.hint])])]),
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
      tasksText(result),
      result.duration === undefined ? '' : roundedDuration(result.duration),
    ]),
  );

const tasksText = ({ tasks }: Result): string =>
  tasks === undefined ? '' : `${tasks.done} of ${tasks.wanted}`;

function section(result: Result): string {
  const { changed = [], failures = [], moreFailures, pending = [], waiting = [], notes = [] } = result;
  const [hint, next] = [hintOf(result), stepsOf(result)];
  const { service, error, rollback, tasks, duration } = result;
  const facts = [
    `**${verdictWords(result)}**`,
    ...(tasks === undefined ? [] : [`${tasksText(result)} tasks`]),
    ...(duration === undefined ? [] : [roundedDuration(duration)]),
  ];
  return [
    `## ${code(service.name)}`,
    facts.join(', '),
    fence([messageOf(result)]),
    ...(error?.hint === undefined ? [] : [fence([error.hint])]),
    ...notes.map((note) => `- ${code(note)}`),
    ...(changed.length === 0
      ? []
      : [
          '### What changed',
          rows(
            ['field', 'before', 'after'],
            changed.map(({ field, before = '', after = '' }) =>
              [field, before, after].map(shortDigest).map(code),
            ),
          ),
        ]),
    ...(failures.length === 0 ? [] : ['### Failures']),
    ...failures.flatMap((failure) => [
      `${code(failureHead(failure))}, image ${code(shortDigest(failure.image))}`,
      ...(failure.error === '' ? [] : [fence([failure.error])]),
      ...(failure.log.length === 0
        ? []
        : ['The last lines of its log:', fence(failure.log.map((line) => `| ${line}`))]),
      ...(failure.noLog === undefined ? [] : [`No log: ${code(failure.noLog)}`]),
    ]),
    ...(moreFailures === undefined ? [] : [`and ${moreFailures} more`]),
    ...(pending.length + waiting.length === 0
      ? []
      : ['### Still waiting', fence([...pending.flatMap(pendingLines), ...waiting.map(({ text }) => text)])]),
    ...(hint === undefined && next.length === 0 ? [] : ['### Next']),
    ...(hint === undefined ? [] : [code(hint)]),
    ...(next.length === 0
      ? []
      : [
          fence(
            next.flatMap(([command, purpose]) => [...(purpose === '' ? [] : [`# ${purpose}`]), command]),
            'sh',
          ),
        ]),
    ...(rollback === undefined ? [] : ['### Undo', fence([rollback.message]), ...undoLines(rollback)]),
  ].join('\n\n');
}

/** Why what was there before does not run either. */
const undoLines = ({ failures = [] }: Result): string[] =>
  failures.flatMap((failure) => [
    code(failureHead(failure)),
    fence([failure.error, ...failure.log.map((line) => `| ${line}`)]),
  ]);

const rows = (head: readonly string[], body: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Lines as a block that they cannot end: its fence is longer than any that they have. */
function fence(lines: readonly string[], language = 'text'): string {
  const text = lines.map(printable).join('\n');
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const mark = '`'.repeat(longest + 1);
  return `${mark}${language}\n${text}\n${mark}`;
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
