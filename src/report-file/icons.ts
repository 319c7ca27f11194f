/** The icon of an exit code. Pure. */
import { trusted } from './escape.ts';
import type { Html } from './escape.ts';

/** The colour of an exit code: the icon beside it has the same meaning in another shape. */
export const toneOf = (exitCode: number): string =>
  exitCode === 0 ? 'ok' : exitCode === 1 || exitCode === 5 ? 'bad' : 'warn';

/** Check, arrow back, pause, exchange, clock, stop; a cross for all others. */
const ICONS: Readonly<Record<number, string>> = {
  0: '<path d="M4 13l5 5L20 6"/>',
  3: '<path d="M9 5L4 10l5 5M4 10h10a5 5 0 0 1 0 10h-4"/>',
  4: '<path d="M8 5v14M16 5v14"/>',
  7: '<path d="M4 8h15l-4-4M20 16H5l4 4"/>',
  124: '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l4 2"/>',
  130: '<path d="M6 6h12v12H6z"/>',
  143: '<path d="M6 6h12v12H6z"/>',
};
const CROSS = '<path d="M5 5l14 14M19 5L5 19"/>';

export const icon = (exitCode: number): Html =>
  trusted(
    `<svg class="icon ${toneOf(exitCode)}" viewBox="0 0 24 24" aria-hidden="true">${ICONS[exitCode] ?? CROSS}</svg>`,
  );
