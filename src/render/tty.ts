/** Progress on a terminal: one frame, redrawn in place by ora; the last one stays. */
import ora from 'ora';
import stringWidth from 'string-width';
import { frameOf as frame } from './frame-of-services.ts';
import type { Size } from './frame.ts';
import type { Progress, ServiceView } from './progress.ts';

/** What ora and the resizing need of stderr. */
export type Terminal = NodeJS.WriteStream & {
  /** Node's own: asks the terminal for its size and emits "resize" at once where that has changed. */
  _refreshSize?: () => void;
};

/** Milliseconds between two frames of the spinner. */
const FRAME = 80;
const HIDE_CURSOR = '\u001b[?25l';

export function tty(terminal: Terminal, colour: boolean): Progress {
  const spinner = ora({
    stream: sized(terminal),
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
   * ora is drawn on our timer, not on its own: Node tells of a new size only some milliseconds after the terminal has
   * moved what was on it, so the size is asked for before each frame. Several services change in the same moment, so a
   * change is drawn with the next frame.
   */
  const render = (): void => {
    terminal._refreshSize?.();
    if (isStale) draw();
    else spinner.render();
  };
  const draw = (): void => {
    isStale = false;
    drawn = frame(last, sizeOf(terminal));
    spinner.text = drawn.join('\n');
    spinner.render();
  };
  /** A narrower terminal has wrapped the lines on it: ora would clear fewer rows than they take now. */
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
      timer = setInterval(render, FRAME);
      draw();
    },
    end: () => {
      if (timer === undefined) return;
      terminal.off('resize', onResize);
      clearInterval(timer);
      const symbol = last.every(({ view }) => view.verdict === 'converged') ? '✔' : '✖';
      // This shows the cursor again, too.
      spinner.stopAndPersist({ symbol, text: frame(last, sizeOf(terminal)).join('\n') });
    },
  };
}

/** As ora is to see it: of a terminal that says it has no columns (script, expect) it would clear rows without end. */
function sized(terminal: Terminal): Terminal {
  return new Proxy(terminal, {
    get: (target, key) => {
      if (key === 'columns') return columnsOf(target);
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

const columnsOf = (terminal: Terminal): number => Math.max(terminal.columns || 80, 10);

/** Two columns stay free: the terminal echoes a Ctrl-C as ^C, and a line that it wraps would be left behind. */
const ECHO = 2;

function sizeOf(terminal: Terminal): Size {
  return { columns: columnsOf(terminal) - ECHO, rows: terminal.rows || 24 };
}

function rowsOf(lines: readonly string[], columns: number): number {
  return lines.reduce((total, line) => total + Math.max(1, Math.ceil(stringWidth(line) / columns)), 0);
}
