/** Compares every flag with the real docker client: the same command line must store the same spec. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { swarmroll } from '../integration/support/swarm.ts';
import { withImage } from './case.ts';
import type { Case } from './case.ts';
import { compareAll, dockerClient, removeFiles, runIn, writeFiles } from './clients.ts';
import type { DockerClient } from './clients.ts';
import { draw, seeded } from './draw.ts';
import { makeFixtures, removeFixtures, rich } from './fixtures.ts';
import { CREATE_CASES, CREATE_FLAG_CASES } from './table/create.ts';
import { refusedCases } from './table/refused.ts';
import { richCases, updateCases } from './table/update.ts';

const SEED = Number(process.env['SWARMROLL_PARITY_SEED'] ?? 20_240_229);
const RANDOM_LINES = 300;

let ids: Record<string, string> = {};
let client: DockerClient;
let comparedCount = 0;
let sameCount = 0;

beforeAll(async () => {
  client = await dockerClient();
  ids = await makeFixtures();
  await writeFiles(client);
});

afterAll(async () => {
  await removeFiles(client);
  await removeFixtures();
  process.stdout.write(
    `parity with docker ${client.version}: same ${sameCount} of ${comparedCount} (seed ${SEED})\n`,
  );
});

/** Fails if a row differs. The message has every such command line with its first difference. */
async function expectSame(cases: readonly Case[]): Promise<void> {
  const results = await compareAll(client, cases);
  const problems = results.filter((problem) => problem !== undefined);
  comparedCount += results.length;
  sameCount += results.length - problems.length;
  expect(problems.join('\n')).toBe('');
}

describe('parity', () => {
  test.each(['create', 'update'])('every flag of docker service %s is in our --help', async (verb) => {
    const flagsOf = (help: string) =>
      [...help.matchAll(/^ +(?:-(\w), )?--([\w-]+)/gm)].map(
        ([, short = '', name = '']) => `${short} ${name}`,
      );
    const [dockerHelp, ourHelp] = await Promise.all([
      runIn(client.shell, `docker service ${verb} --help`),
      swarmroll([verb, '--help']),
    ]);
    const [dockerFlags, ourFlags] = [flagsOf(dockerHelp), flagsOf(ourHelp.stdout)];
    expect(dockerFlags.length).toBeGreaterThan(70);
    expect(dockerFlags.filter((flag) => !ourFlags.includes(flag))).toEqual([]);
  });

  test('create stores what docker stores', () => expectSame(CREATE_CASES), 600_000);
  test('update stores what docker stores', () => expectSame(updateCases(ids)), 600_000);
  test(
    'command lines that docker refuses are refused, and nothing is stored',
    () => expectSame(refusedCases(ids)),
    600_000,
  );

  test('flags that work alone work together', async () => {
    const random = seeded(SEED);
    const independentOfMode = CREATE_FLAG_CASES.filter(
      ({ flags = '' }) => !/--(mode|max-concurrent)/.test(flags),
    );
    const created = draw(independentOfMode, RANDOM_LINES / 2, random, withImage);
    const updated = draw(richCases(rich(ids)), RANDOM_LINES / 2, random, (flags) => flags);
    await expectSame([...created, ...updated]);
  }, 600_000);
});
