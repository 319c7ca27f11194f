/** A drawing on a terminal that ora redraws in place. The last one stays on the terminal. */
import ora from 'ora';
import { rowsOf } from './frame.ts';
import type { Size } from './frame.ts';

/** A stream to a terminal. */
export type Terminal = NodeJS.WriteStream & {
  /** A private method of Node's tty.WriteStream: reads the terminal's size and emits "resize" if it has changed. */
  _refreshSize?: () => void;
};

export interface InPlace {
  /** Says that there is something new to draw. The first call begins to draw. */
  readonly changed: () => void;
  /** Prints something else at once. It stays above the drawing. */
  readonly printAbove: (print: () => void) => void;
  /** Draws for the last time, with a symbol instead of the spinner. */
  readonly end: (symbol?: string) => void;
}

/** The interval between frames, in milliseconds. */
const FRAME_INTERVAL = 80;
const HIDE_CURSOR = '\u001b[?25l';
/** Without a spinner. ora draws an empty frame then, and the lines are what it calls the prefix. */
const STILL = { frames: [''] };

/**
 * Draws on a terminal.
 * @param linesOf gives the lines for a size
 * @param spinner before the first line: whether it has a colour; absent: there is none
 */
export function inPlace(terminal: Terminal, linesOf: (size: Size) => string[], spinner?: boolean): InPlace {
  const turns = spinner !== undefined;
  const field = turns ? 'text' : 'prefixText';
  const drawing = ora({
    stream: withColumns(terminal),
    discardStdin: false,
    isEnabled: true,
    color: spinner === true ? 'cyan' : false,
    ...(turns ? {} : { spinner: STILL }),
  });
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
    else if (turns) drawing.render();
  };
  const draw = (): void => {
    isStale = false;
    drawn = linesOf(sizeOf(terminal));
    drawing[field] = drawn.join('\n');
    drawing.render();
  };
  /** A terminal that becomes narrower wraps its lines. They then take more rows than ora clears. */
  const onResize = (): void => {
    const wrapped = rowsOf(drawn, columnsOf(terminal)) - rowsOf(drawn, width);
    width = columnsOf(terminal);
    drawing.clear();
    if (wrapped > 0) terminal.write(`\u001b[${wrapped}A\u001b[J`);
    draw();
  };

  return {
    changed: () => {
      isStale = true;
      if (timer !== undefined) return;
      terminal.on('resize', onResize);
      terminal.write(HIDE_CURSOR);
      timer = setInterval(render, FRAME_INTERVAL);
      draw();
    },
    printAbove: (print) => {
      const isDrawn = timer !== undefined;
      if (isDrawn) drawing.clear();
      print();
      if (isDrawn) draw();
    },
    end: (symbol = '') => {
      if (timer === undefined) return;
      terminal.off('resize', onResize);
      clearInterval(timer);
      timer = undefined;
      // This also shows the cursor again.
      drawing.stopAndPersist({ symbol, [field]: linesOf(sizeOf(terminal)).join('\n') });
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
