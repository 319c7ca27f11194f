/** Progress on a terminal: one frame, which ora redraws in place. The last frame stays on the terminal. */
import ora from 'ora';
import stringWidth from 'string-width';
import { frameOf } from './frame-of-services.ts';
import type { Size } from './frame.ts';
import type { Progress, ServiceView } from './progress.ts';

/** A stream to a terminal. */
export type Terminal = NodeJS.WriteStream & {
  /** A private method of Node's tty.WriteStream: reads the terminal's size and emits "resize" if it has changed. */
  _refreshSize?: () => void;
};

/** The interval between frames, in milliseconds. */
const FRAME_INTERVAL = 80;
const HIDE_CURSOR = '\u001b[?25l';

/**
 * The renderer of --progress tty.
 * @param colour whether the spinner has a colour
 */
export function tty(terminal: Terminal, colour: boolean): Progress {
  const spinner = ora({
    stream: withColumns(terminal),
    discardStdin: false,
    isEnabled: true,
    color: colour ? 'cyan' : false,
  });
  let last: readonly ServiceView[] = [];
  let drawn: string[] = [];
  let width = columnsOf(terminal);
  let timer: NodeJS.Timeout | undefined;
  let isStale = false;

  /**
   * Draws the next frame. A timer of this module calls it, not ora's own timer, because the terminal's size must be read
   * before each frame: Node emits "resize" only some milliseconds after the terminal has moved its lines. Changes only mark
   * the frame as stale, because several services often change at the same time.
   */
  const render = (): void => {
    terminal._refreshSize?.();
    if (isStale) draw();
    else spinner.render();
  };
  const draw = (): void => {
    isStale = false;
    drawn = frameOf(last, sizeOf(terminal));
    spinner.text = drawn.join('\n');
    spinner.render();
  };
  /** A terminal that becomes narrower wraps its lines. They then take more rows than ora clears. */
  const onResize = (): void => {
    const wrapped = rowsOf(drawn, columnsOf(terminal)) - rowsOf(drawn, width);
    width = columnsOf(terminal);
    spinner.clear();
    if (wrapped > 0) terminal.write(`\u001b[${wrapped}A\u001b[J`);
    draw();
  };

  return {
    update: ({ services }) => {
      last = services;
      isStale = true;
      if (timer !== undefined) return;
      terminal.on('resize', onResize);
      terminal.write(HIDE_CURSOR);
      timer = setInterval(render, FRAME_INTERVAL);
      draw();
    },
    printAbove: (print) => {
      const isDrawn = timer !== undefined;
      if (isDrawn) spinner.clear();
      print();
      if (isDrawn) draw();
    },
    end: () => {
      if (timer === undefined) return;
      terminal.off('resize', onResize);
      clearInterval(timer);
      timer = undefined;
      const symbol = last.every(({ view }) => view.verdict === 'converged') ? '✔' : '✖';
      // This also shows the cursor again.
      spinner.stopAndPersist({ symbol, text: frameOf(last, sizeOf(terminal)).join('\n') });
    },
  };
}

/** The terminal for ora, with at least 10 columns. Some terminals have 0 columns (script, expect), and ora fails on those. */
function withColumns(terminal: Terminal): Terminal {
  return new Proxy(terminal, {
    get: (target, key) => {
      if (key === 'columns') return columnsOf(target);
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

const columnsOf = (terminal: Terminal): number => Math.max(terminal.columns || 80, 10);

/** Columns to leave free: the terminal echoes Ctrl-C as "^C". If that wrapped a line, the line would not be cleared. */
const ECHO_COLUMNS = 2;

function sizeOf(terminal: Terminal): Size {
  return { columns: columnsOf(terminal) - ECHO_COLUMNS, rows: terminal.rows || 24 };
}

/** How many rows of a terminal the lines take. */
function rowsOf(lines: readonly string[], columns: number): number {
  return lines.reduce((total, line) => total + Math.max(1, Math.ceil(stringWidth(line) / columns)), 0);
}
