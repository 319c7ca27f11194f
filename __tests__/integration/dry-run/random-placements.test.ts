/**
 * Random services on the real swarm: how many of their tasks find a node, as `--dry-run` has said. SWARMROLL_PLACEMENTS is how
 * many are tried.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SEEDED, runs } from '../../support/random.ts';
import { placed } from './placing.ts';
import type { Row } from './placing.ts';

const COUNT = Number(process.env['SWARMROLL_PLACEMENTS'] ?? 10);

const maybe = (one: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof(fc.constant(''), one);
const oneOf = (...words: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...words);
const percent = (flag: string, unit: string): fc.Arbitrary<string> =>
  fc.integer({ min: 2, max: 9 }).map((tens) => `${flag} ${unit}${tens * 10}`);

const demands = fc
  .tuple(
    maybe(percent('--reserve-cpu', 'cpu')),
    maybe(percent('--reserve-memory', 'mem')),
    maybe(oneOf('--replicas-max-per-node 1', '--replicas-max-per-node 2')),
    maybe(oneOf('--constraint node.role==worker', '--constraint node.hostname!=worker2')),
    maybe(oneOf('--update-order start-first')),
    oneOf('', '--update-parallelism 0', '--update-parallelism 2'),
  )
  .map((words) => words.join(' '));
const port = maybe(oneOf('-p mode=host,target=80,published=PORT1'));
const gpu = maybe(oneOf('--generic-resource gpu=1', '--generic-resource gpu=2'));
const replicas = fc.integer({ min: 1, max: 5 }).map((count) => `--replicas ${count}`);
/** Max replicas go with replicated services only. */
const mode = fc.oneof(
  { weight: 4, arbitrary: replicas },
  { weight: 1, arbitrary: fc.constant('--mode global') },
);
const flags = fc
  .tuple(mode, demands, port, gpu)
  .map(([how, what, ...more]) =>
    [how, how.startsWith('--mode') ? what.replace(/--replicas-max-per-node \d/, '') : what, ...more].join(
      ' ',
    ),
  );
/** Others that always find a node, so that none of their tasks waits for a place that the service leaves. */
const others = fc.array(
  fc
    .tuple(oneOf('1', '2'), oneOf('', '--reserve-cpu cpu30', '--reserve-memory mem40'), port)
    .map(([count, what, published]) => `--replicas ${count} ${what} ${published}`),
  { maxLength: 1 },
);
const update = fc
  .tuple(
    maybe(percent('--reserve-cpu', 'cpu')),
    maybe(percent('--reserve-memory', 'mem')),
    maybe(oneOf('--update-order stop-first', '--update-order start-first')),
  )
  .map((words) => ['update --env-add A=1', ...words].join(' '));
const rows: fc.Arbitrary<Row> = fc.oneof(
  fc.record({ others, change: flags.map((words) => `create ${words}`) }),
  fc.record({ others, before: flags, change: update }),
);

test(
  `the plan and the engine agree on ${COUNT} random changes ${SEEDED}`,
  async () => {
    const wrong: object[] = [];
    let exact = 0;
    for (const row of fc.sample(rows, runs(COUNT))) {
      const { wanted, least, most, actual, risks } = await placed(row);
      if (least === most) exact += 1;
      const isRisky = risks.some((risk) => / (a|no) node/.test(risk));
      if (actual < least || actual > most || isRisky !== least < wanted)
        wrong.push({ row, wanted, least, most, actual, risks });
    }
    expect(wrong).toEqual([]);
    // A plan that says "0 to all" is never wrong, and of no use.
    expect(exact).toBeGreaterThan(COUNT / 2);
  },
  COUNT * 60_000,
);
