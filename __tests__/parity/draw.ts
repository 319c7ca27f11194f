/** Random command lines, drawn from the table: flags that work alone must work together. */
import type { Case } from './case.ts';

/** A generator of numbers in [0, 1) that a seed decides (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** So many command lines, each of two to seven of the given ones, of one verb and one base. */
export function draw(
  cases: readonly Case[],
  howMany: number,
  random: () => number,
  lineOf: (flags: string) => string,
): Case[] {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  return Array.from({ length: howMany }, () => {
    const first = pick(cases);
    const lines = Array.from({ length: 2 + Math.floor(random() * 6) }, () => pick(cases).flags ?? '');
    return { ...first, aspect: 'drawn', line: lineOf([...new Set(lines)].join(' ')) };
  });
}
