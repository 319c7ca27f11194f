/** What docker and Docker Compose print on stderr: lines of a log (logrus), and texts of one or more lines. Pure. */

interface Message {
  readonly text: string;
  /** Whether the program goes on after it. */
  readonly isWarning: boolean;
}

const LOG_LINE = /^time=\S+ level=(\w+) msg=("(?:[^"\\]|\\.)*"|\S+)/;
/** Docker's words for keys that it leaves out (docker/cli cli/command/stack/loader/loader.go) and for an image without a digest. */
const WARNING =
  /^Ignoring (unsupported|deprecated) options:|^image \S+ could not be accessed on a registry to record/;
/** A warning of one line: no empty line follows it. */
const WARNING_LINE = /^WARNING:\s*(.*)/;
/** The keys that docker calls deprecated: an empty line stands between them (cli/compose/types/types.go). */
const DEPRECATED = 'Ignoring deprecated options:';
const DEPRECATED_ITEM = /^(container_name|expose): /;

/** The messages, each once and on one line. A text ends with an empty line, unless its last line ends with ":". */
export function messagesIn(errors: string): readonly Message[] {
  const found = new Map<string, Message>();
  let lines: string[] = [];
  let isOver = false;
  const add = (text: string, isWarning: boolean): void => {
    if (text !== '') found.set(text, { text, isWarning });
  };
  const end = (): void => {
    const text = joined(lines);
    lines = [];
    isOver = false;
    add(text, WARNING.test(text));
  };
  for (const line of errors.split('\n').map((one) => one.trim())) {
    const [, level, message = ''] = LOG_LINE.exec(line) ?? [];
    const warning = WARNING_LINE.exec(line)?.[1];
    const isItem = lines[0] === DEPRECATED && DEPRECATED_ITEM.test(line);
    if (level !== undefined) {
      end();
      add(unquoted(message), !/^(error|fatal|panic)$/.test(level));
    } else if (warning !== undefined) {
      end();
      add(warning, true);
    } else if (line === '') isOver = lines.at(-1)?.endsWith(':') !== true;
    else {
      if (WARNING.test(line) || (isOver && !isItem)) end();
      lines.push(line);
      isOver = false;
    }
  }
  end();
  return [...found.values()];
}

/** The warnings of a program that has failed, and its error. */
export function failureIn(errors: string): { readonly warnings: readonly string[]; readonly error: string } {
  const all = messagesIn(errors);
  const texts = (isWarning: boolean): readonly string[] =>
    all.filter((one) => one.isWarning === isWarning).map(({ text }) => text);
  return { warnings: texts(true), error: texts(false).join('; ') };
}

/** A text of several lines as one line. Below a line that ends with ":", each line is an item. */
function joined(lines: readonly string[]): string {
  const items = lines.findIndex((line) => line.endsWith(':')) + 1;
  if (items === 0) return lines.join(' ');
  return `${lines.slice(0, items).join(' ')} ${lines.slice(items).join('; ')}`.trim();
}

/** The text of a Go string (strconv.Quote). Escapes of characters that a terminal would execute stay. */
const unquoted = (text: string): string =>
  text.startsWith('"')
    ? text.slice(1, -1).replaceAll(/\\([ntr"\\])/g, (_, one: string) => ('ntr'.includes(one) ? ' ' : one))
    : text;
