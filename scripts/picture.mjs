/**
 * Makes an animated SVG from screens of a terminal, for scripts/picture. Every file in FOLDER is one screen as
 * `tmux capture-pane -e -p` prints it. Its name is the time in microseconds at which it was taken.
 *
 * All frames stand below each other in one long strip. A CSS animation moves the strip behind a window of one frame.
 * There is no script and no font in the file, so code hosts show it. Where nothing is animated, the last frame is shown.
 *
 * usage: node scripts/picture.mjs FOLDER COLUMNS ROWS >FILE
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Seconds that a frame is shown. Other frames last as long as they really did, within the limits. */
const SECONDS = { command: 1.5, result: 4, end: 8, atLeast: 0.2, atMost: 0.8 };

/** Pixels. The cell's width is what most fixed-width fonts have at this size. */
const FONT_SIZE = 14;
const CELL = { width: 8.4, height: 19 };
const MARGIN = 16;

const SPINNER = /[\u2800-\u28ff]/g;

const [folder, columns, rows] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];

/** The screen as lines of pieces, `{ column, text, style }`. The style holds on from line to line. */
function linesOf(screen) {
  let style = '';
  return screen.split('\n').map((line) => {
    let column = 0;
    // Every second part is what stands between "ESC [" and "m".
    // eslint-disable-next-line no-control-regex
    return line.split(/\u001b\[([\d;]*)m/).flatMap((part, index) => {
      if (index % 2 === 1) {
        style = styleAfter(style, part);
        return [];
      }
      const pieces = piecesOf(part).map((piece) => ({ ...piece, column: column + piece.column, style }));
      column += [...part].length;
      return pieces;
    });
  });
}

/** Only what swarmroll, the prompt and tmux use: bold (1), cyan (36), and their ends. */
function styleAfter(style, codes) {
  const classes = new Set(style.split(' ').filter((name) => name !== ''));
  for (const code of codes.split(';')) {
    if (code === '' || code === '0') classes.clear();
    else if (code === '1') classes.add('b');
    else if (code === '36') classes.add('c');
    else if (code === '39') classes.delete('c');
    else if (code !== '49') throw new Error(`picture: no style for "ESC [ ${code} m"`);
  }
  return [...classes].join(' ');
}

/**
 * Cut where two spaces stand, and around characters that a browser may take from another font. Each piece begins in its
 * column and has its width stated (textLength), so the columns stay aligned in any font.
 */
function piecesOf(text) {
  const found = text.matchAll(/[^ -~]|[!-~]+(?: [!-~]+)*/gu);
  return [...found].map((match) => ({ column: match.index, text: match[0] }));
}

const textOf = (line) => line.map(({ text }) => text).join(' ');

/** The screens that differ in more than the spinner, and for how long each is shown. */
function framesOf(screens) {
  const changes = screens.filter(
    ({ text }, index) => text.replace(SPINNER, '') !== screens[index - 1]?.text.replace(SPINNER, ''),
  );
  return changes.map(({ text, time }, index) => {
    const lines = linesOf(text);
    while (lines.at(-1)?.length === 0) lines.pop();
    return { lines, seconds: secondsOf(textOf(lines.at(-1)), time, changes[index + 1]?.time) };
  });
}

function secondsOf(lastLine, time, next) {
  if (next === undefined) return SECONDS.end;
  if (lastLine === '$') return SECONDS.result;
  if (lastLine.startsWith('$ ')) return SECONDS.command;
  return Math.min(Math.max((next - time) / 1e6, SECONDS.atLeast), SECONDS.atMost);
}

const escaped = (text) => text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
/** Two decimals at most. */
const short = (number) => String(Number(number.toFixed(2)));

function svgOf(frames) {
  const height = rows * CELL.height;
  const size = { width: Math.ceil(columns * CELL.width) + 2 * MARGIN, height: height + 2 * MARGIN };

  /** Lines come again in many frames. Each is defined once. */
  const ids = new Map();
  const defined = [];
  const idOf = (line) => {
    const pieces = line.map(({ column, text, style }) => {
      const width = text.length > 1 ? ` textLength="${short(text.length * CELL.width)}"` : '';
      const classes = style === '' ? '' : ` class="${style}"`;
      return `<text x="${short(column * CELL.width)}"${width}${classes}>${escaped(text)}</text>`;
    });
    const drawn = pieces.join('');
    if (!ids.has(drawn)) {
      ids.set(drawn, `l${ids.size}`);
      defined.push(`<g id="${ids.get(drawn)}">${drawn}</g>`);
    }
    return ids.get(drawn);
  };
  const strip = frames.map(({ lines }, frame) =>
    lines
      .map((line, row) => {
        const baseline = frame * height + row * CELL.height + FONT_SIZE;
        return line.length === 0 ? '' : `<use href="#${idOf(line)}" y="${baseline}"/>`;
      })
      .join(''),
  );

  const total = frames.reduce((sum, { seconds }) => sum + seconds, 0);
  let start = 0;
  const keyframes = frames.map(({ seconds }, frame) => {
    const step = `${short((start / total) * 100)}%{transform:translateY(${-frame * height}px)}`;
    start += seconds;
    return step;
  });

  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}">
<!-- Recorded by scripts/picture. -->
<style>
text{font:${FONT_SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;fill:#d6dde6}
.b{font-weight:bold;fill:#fff}
.c{fill:#39c5cf}
#strip{animation:strip ${short(total)}s step-end infinite}
@media (prefers-reduced-motion:reduce){#strip{animation:none}}
@keyframes strip{${keyframes.join('')}}
</style>
<rect x=".5" y=".5" width="${size.width - 1}" height="${size.height - 1}" rx="8" fill="#0d1117" stroke="#57606a"/>
<defs>
${defined.join('\n')}
</defs>
<svg x="${MARGIN}" y="${MARGIN}" width="${size.width - 2 * MARGIN}" height="${height}">
<g id="strip" transform="translate(0 ${-(frames.length - 1) * height})">
${strip.join('\n')}
</g>
</svg>
</svg>
`;
}

const screens = readdirSync(folder)
  .sort()
  .map((name) => ({ time: Number(name), text: readFileSync(`${folder}/${name}`, 'utf8') }));
process.stdout.write(svgOf(framesOf(screens)));
