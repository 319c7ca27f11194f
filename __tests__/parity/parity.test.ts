/** Every flag against the real docker client: the same command line must leave the same spec. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { docker, swarmroll } from '../integration/support/swarm.ts';
import { withImage } from './case.ts';
import type { Case } from './case.ts';
import { compareAll, removeFiles, writeFiles } from './clients.ts';
import { draw, seeded } from './draw.ts';
import { makeFixtures, removeFixtures, rich } from './fixtures.ts';
import { CREATE_CASES, CREATE_FLAG_CASES } from './table/create.ts';
import { refusedCases } from './table/refused.ts';
import { richCases, updateCases } from './table/update.ts';

const SEED = Number(process.env['SWARMROLL_PARITY_SEED'] ?? 20_240_229);
const DRAWS = 300;

let ids: Record<string, string> = {};
let run = 0;
let same = 0;

beforeAll(async () => {
  ids = await makeFixtures();
  await writeFiles();
}, 30_000);

afterAll(async () => {
  await removeFiles();
  await removeFixtures();
  process.stdout.write(`parity with docker: same ${same} of ${run} (seed ${SEED})\n`);
}, 30_000);

/** Fails with every command line that is not the same, and its first differing field. */
async function expectSame(cases: readonly Case[]): Promise<void> {
  const results = await compareAll(cases);
  const problems = results.filter((problem) => problem !== undefined);
  run += results.length;
  same += results.length - problems.length;
  expect(problems.join('\n')).toBe('');
}

describe('parity', () => {
  test.each(['create', 'update'])(
    'every flag that docker service %s knows is in our --help',
    async (verb) => {
      const flagsOf = (help: string) =>
        [...help.matchAll(/^ +(?:-(\w), )?--([\w-]+)/gm)].map(
          ([, short = '', name = '']) => `${short} ${name}`,
        );
      const [theirs, ours] = await Promise.all([
        docker(['service', verb, '--help']),
        swarmroll([verb, '--help']),
      ]);
      expect(flagsOf(theirs.stdout).length).toBeGreaterThan(70);
      const known = flagsOf(ours.stdout);
      expect(flagsOf(theirs.stdout).filter((flag) => !known.includes(flag))).toEqual([]);
    },
  );

  test('create stores what docker stores', () => expectSame(CREATE_CASES), 180_000);
  test('update stores what docker stores', () => expectSame(updateCases(ids)), 180_000);
  test('what docker refuses is refused, and nothing is stored', () => expectSame(refusedCases(ids)), 180_000);

  test('flags that work alone work together', async () => {
    const random = seeded(SEED);
    const anywhere = CREATE_FLAG_CASES.filter(({ flags = '' }) => !/--(mode|max-concurrent)/.test(flags));
    const created = draw(anywhere, DRAWS / 2, random, withImage);
    const updated = draw(richCases(rich(ids)), DRAWS / 2, random, (flags) => flags);
    await expectSame([...created, ...updated]);
  }, 180_000);
});
