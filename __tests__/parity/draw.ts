/** Random command lines from the flags of the tables: flags that work alone must also work together. */
import type { Case } from './case.ts';

/** A random number generator with a seed (mulberry32). It returns numbers from 0 to below 1. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Of two equal variables docker 28 stores both and docker 29 one. So a random line has at most one row of these. */
const isEnvOfCreate = ({ verb, aspect }: Case): boolean => verb === 'create' && aspect === 'env';

/**
 * Makes random rows. Each has the flags of two to seven of the given rows, without repetitions.
 * @param cases rows of one verb and one base
 * @param howMany the number of rows
 * @param lineOf makes the whole line from the flags
 */
export function draw(
  cases: readonly Case[],
  howMany: number,
  random: () => number,
  lineOf: (flags: string) => string,
): Case[] {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  return Array.from({ length: howMany }, () => {
    const first = pick(cases);
    const rows = Array.from({ length: 2 + Math.floor(random() * 6) }, () => pick(cases));
    const firstEnv = rows.find(isEnvOfCreate);
    const lines = rows
      .filter((row) => !isEnvOfCreate(row) || row === firstEnv)
      .map(({ flags = '' }) => flags);
    return { ...first, aspect: 'random', line: lineOf([...new Set(lines)].join(' ')) };
  });
}
