/**
 * How many tasks find a node: the prediction of `--dry-run` against what the engine does. The rows of a lane run one after the
 * other, and the lanes side by side: rows that use the same resources of the nodes are in one lane. Each row has ports of its own.
 */
import { describe, expect, test } from '@jest/globals';
import { placed, placedTogether } from './placing.ts';
import type { Placed, Row } from './placing.ts';

/** What the plan has to say ("2 of 3", or "1 to 2 of 3"), and the row. */
type Line = readonly [plan: string, row: Row];

const FIRST = '--update-order start-first';
const ONE = '--replicas-max-per-node 1';
const PORT = '-p mode=host,target=80,published=PORT1';
const WORKERS = '--constraint node.role==worker';
const GPU = '--generic-resource gpu=';

const LANES: Readonly<Record<string, readonly Line[]>> = {
  'max replicas': [
    ['3 of 4', { change: `create --replicas 4 ${ONE}` }],
    ['2 of 3', { change: `create --replicas 3 ${ONE} ${WORKERS}` }],
    ['0 of 3', { before: `--replicas 3 ${ONE} ${FIRST}`, change: 'update --env-add A=1' }],
    ['3 of 3', { before: `--replicas 3 ${ONE}`, change: 'update --env-add A=1' }],
    [
      '2 of 2',
      { before: `--replicas 2 ${ONE} ${FIRST} --update-parallelism 0`, change: 'update --env-add A=1' },
    ],
    [
      '0 of 6',
      {
        before: `--replicas 6 --replicas-max-per-node 2 ${FIRST} --update-parallelism 2`,
        change: 'update --env-add A=1',
      },
    ],
    [
      '5 of 5',
      {
        before: `--replicas 5 --replicas-max-per-node 2 ${FIRST} --update-parallelism 2`,
        change: 'update --env-add A=1',
      },
    ],
  ],
  'max replicas of other changes': [
    ['0 of 1', { before: `--replicas 3 ${ONE}`, change: '4' }],
    [
      '3 of 3',
      { before: `--replicas 3 ${ONE} ${FIRST}`, change: 'update --replicas-max-per-node 2 --env-add A=1' },
    ],
    [
      '0 of 6',
      {
        before: '--replicas 6 --replicas-max-per-node 2',
        change: 'update --replicas-max-per-node 1 --force',
      },
    ],
    [
      '3 of 6',
      {
        before: '--replicas 6 --replicas-max-per-node 2 --update-parallelism 0',
        change: 'update --replicas-max-per-node 1 --force',
      },
    ],
    [
      '0 of 3',
      {
        before: `--replicas 3 ${ONE} --rollback-order start-first`,
        updates: ['--env-add A=1'],
        change: 'rollback',
      },
    ],
    ['1 of 1', { before: `--replicas 4 ${ONE}`, change: 'update --replicas-max-per-node 2' }],
    ['3 of 4', { change: `create --mode replicated-job --replicas 9 --max-concurrent 4 ${ONE}` }],
  ],
  ports: [
    ['3 of 4', { change: `create --replicas 4 ${PORT}` }],
    ['4 of 4', { change: 'create --replicas 4 -p mode=host,target=80' }],
    ['1 of 2', { others: [`--mode global ${PORT} ${WORKERS}`], change: `create --replicas 2 ${PORT}` }],
    [
      '3 of 3',
      {
        others: [`--mode global ${PORT}`],
        change: 'create --replicas 3 -p mode=host,target=80,published=PORT1,protocol=udp',
      },
    ],
    ['0 of 3', { before: `--replicas 3 ${PORT} ${FIRST}`, change: 'update --env-add A=1' }],
    ['2 of 2', { before: `--replicas 2 ${PORT} ${FIRST}`, change: 'update --env-add A=1' }],
    ['3 of 3', { before: `--replicas 3 ${PORT}`, change: 'update --env-add A=1' }],
    ['3 of 3', { before: `--replicas 3 ${PORT} --update-parallelism 0`, change: 'update --env-add A=1' }],
  ],
  'ports of other changes': [
    [
      '3 of 3',
      { before: `--replicas 3 ${FIRST}`, change: 'update --publish-add mode=host,target=81,published=PORT2' },
    ],
    [
      '0 of 3',
      {
        others: [`--mode global ${PORT}`],
        before: '--replicas 3',
        change: 'update --publish-add mode=host,target=81,published=PORT1',
      },
    ],
    [
      '2 of 3',
      { others: [`--constraint node.hostname==worker1 ${PORT}`], change: `create --mode global ${PORT}` },
    ],
    ['0 of 3', { before: `--mode global ${PORT} ${FIRST}`, change: 'update --env-add A=1' }],
    ['3 of 3', { before: `--mode global ${PORT}`, change: 'update --env-add A=1' }],
    [
      '2 of 3',
      { others: [`--constraint node.hostname==worker2 ${PORT}`], change: `create --mode global-job ${PORT}` },
    ],
    ['3 of 4', { change: `create --replicas 4 --replicas-max-per-node 2 ${PORT}` }],
  ],
  'constraints, platforms, plugins': [
    ['0 of 2', { change: 'create --replicas 2 --constraint node.role==edge' }],
    ['0 of 2', { before: '--replicas 2', change: 'update --constraint-add node.role==edge' }],
    ['1 of 1', { before: `--mode global ${WORKERS}`, change: 'update --constraint-rm node.role==worker' }],
    ['0 of 0', { change: 'create --mode global --constraint node.role==edge' }],
    ['0 of 1', { change: 'create --log-driver nosuch' }],
    ['1 of 1', { change: 'create --log-driver none' }],
    ['0 of 3', { before: '--mode global --update-parallelism 0', change: 'update --log-driver nosuch' }],
    ['0 of 1', { change: 'create --mount type=volume,source=x,target=/x,volume-driver=nosuch' }],
    // docker ignores the flag, so nothing is sent.
    [
      '0 of 0',
      {
        before: '--mode replicated-job --replicas 6 --max-concurrent 2',
        change: 'update --max-concurrent 5',
      },
    ],
    // Tasks that wait for a node, and nodes that have one again.
    [
      '2 of 2',
      {
        before: '--replicas 2 --constraint node.role==edge',
        change: 'update --constraint-rm node.role==edge',
      },
    ],
    ['0 of 2', { change: 'create --replicas 2 --mount type=cluster,source=nosuch,target=/x' }],
    [
      '0 of 3',
      { before: '--mode global', change: 'update --mount-add type=cluster,source=group:x,target=/x' },
    ],
    ['4 of 4', { change: 'create --replicas 4 --placement-pref spread=node.labels.zone' }],
    ['0 of 3', { change: 'create --mode global-job --log-driver nosuch' }],
  ],
  CPUs: [
    ['3 of 4', { change: 'create --replicas 4 --reserve-cpu cpu60' }],
    [
      '2 of 3',
      { others: ['--replicas 4 --reserve-cpu cpu50'], change: 'create --replicas 3 --reserve-cpu cpu50' },
    ],
    ['3 of 3', { before: `--replicas 3 --reserve-cpu cpu50 ${FIRST}`, change: 'update --env-add A=1' }],
    [
      '2 of 2',
      {
        before: `--replicas 2 --reserve-cpu cpu60 ${FIRST} --update-parallelism 0`,
        change: 'update --env-add A=1',
      },
    ],
    ['1 to 3 of 6', { before: '--replicas 6 --reserve-cpu cpu30', change: 'update --reserve-cpu cpu60' }],
    [
      '2 of 3',
      {
        others: ['--reserve-cpu cpu50'],
        before: `--mode global --reserve-cpu cpu10 --update-parallelism 0 ${FIRST}`,
        change: 'update --reserve-cpu cpu60',
      },
    ],
    [
      '0 to 2 of 3',
      { others: ['--reserve-cpu cpu50'], before: '--mode global', change: 'update --reserve-cpu cpu60' },
    ],
    ['2 of 3', { others: ['--reserve-cpu cpu60'], change: 'create --mode global-job --reserve-cpu cpu60' }],
    ['1 of 3', { before: '--replicas 2 --reserve-cpu cpu60', change: '5' }],
    [
      '3 of 3',
      {
        before: '--mode replicated-job --replicas 3 --max-concurrent 3 --reserve-cpu cpu60',
        change: 'update --label-add a=1',
      },
    ],
    [
      '2 of 2',
      { before: `--replicas 3 --reserve-cpu cpu60 ${FIRST}`, change: 'update --replicas 2 --env-add A=1' },
    ],
    [
      '2 to 3 of 4',
      { before: '--replicas 2 --reserve-cpu cpu60', change: 'update --replicas 4 --env-add A=1' },
    ],
    [
      '3 of 3',
      {
        before: `--replicas 3 --reserve-cpu cpu60 ${FIRST}`,
        change: 'update --update-order stop-first --env-add A=1',
      },
    ],
  ],
  memory: [
    ['3 of 4', { change: 'create --replicas 4 --reserve-memory mem60' }],
    ['0 of 3', { before: `--replicas 3 --reserve-memory mem60 ${FIRST}`, change: 'update --env-add A=1' }],
    ['3 of 3', { before: '--replicas 3 --reserve-memory mem60', change: 'update --env-add A=1' }],
    [
      '2 of 3',
      {
        others: ['--replicas 1 --reserve-memory mem60'],
        change: 'create --mode global --reserve-memory mem60',
      },
    ],
    ['0 of 1', { change: 'create --reserve-memory mem101' }],
  ],
  'generic resources': [
    ['3 of 4', { change: `create --replicas 4 ${GPU}1` }],
    ['1 of 2', { change: `create --replicas 2 ${GPU}2` }],
    ['0 of 1', { others: [`--constraint node.hostname==worker1 ${GPU}1`], change: `create ${GPU}2` }],
    [
      '2 of 3',
      { others: [`--constraint node.hostname==worker1 ${GPU}1`], change: `create --replicas 3 ${GPU}1` },
    ],
    ['0 of 3', { before: `--replicas 3 ${GPU}1 ${FIRST}`, change: 'update --env-add A=1' }],
    ['3 of 3', { before: `--replicas 3 ${GPU}1`, change: 'update --env-add A=1' }],
    ['2 of 3', { change: `create --mode global ${GPU}1` }],
    [
      '0 of 2',
      {
        before: `--replicas 2 --constraint node.hostname==worker1 ${GPU}1`,
        change: 'update --generic-resource-add gpu=2',
      },
    ],
    [
      '1 of 2',
      {
        before: `--replicas 2 --constraint node.hostname==worker1 --update-parallelism 0 ${GPU}1`,
        change: 'update --generic-resource-add gpu=2',
      },
    ],
    ['0 of 1', { change: 'create --generic-resource fpga=1' }],
  ],
};

const saidOf = ({ least, most, wanted }: Placed): string =>
  `${least === most ? least : `${least} to ${most}`} of ${wanted}`;

/** Whether the engine does otherwise, or the risk is not what the numbers say. */
const isWrong = ({ wanted, least, most, actual, risks }: Placed): boolean =>
  actual < least || actual > most || risks.some((risk) => / (a|no) node/.test(risk)) !== least < wanted;

/** What the plan has to say of each service, the services, and the change that one command makes of them. */
const TOGETHER: readonly (readonly [plan: string, befores: readonly string[], change: string])[] = [
  ['2 of 2, 2 of 2', ['--reserve-cpu cpu30', '--reserve-cpu cpu30'], '3 3'],
  ['3 to 4 of 4, 4 of 4', ['--reserve-cpu cpu45', '--reserve-cpu cpu10'], '5 5'],
  ['3 to 4 of 4, 3 to 4 of 4', ['--reserve-cpu cpu30', '--reserve-cpu cpu30'], '5 5'],
  ['2 of 2, 5 of 5', ['--reserve-cpu cpu90', ''], '3 6'],
  ['3 of 3, 3 of 3', [`--replicas 3 ${ONE}`, `--replicas 3 ${ONE}`], 'restart'],
  ['3 of 3, 3 of 3', ['--replicas 3 --reserve-cpu cpu50', '--replicas 3 --reserve-cpu cpu50'], 'restart'],
  [
    '0 of 3, 0 of 3',
    [`--replicas 3 --reserve-cpu cpu50 ${FIRST}`, `--replicas 3 --reserve-cpu cpu50 ${FIRST}`],
    'restart',
  ],
  [
    '2 of 2, 3 of 3',
    [`--replicas 2 --reserve-memory mem50 ${FIRST}`, `--replicas 3 --reserve-memory mem50 ${FIRST}`],
    'restart',
  ],
  ['1 to 2 of 2, 1 to 2 of 2', [`--replicas 0 ${GPU}1`, `--replicas 0 ${GPU}1`], '2 2'],
  ['0 of 0, 3 of 3', ['--replicas 3 --reserve-cpu cpu80', '--replicas 0 --reserve-cpu cpu80'], '0 3'],
];

test('services of one command share the nodes', async () => {
  const wrong: object[] = [];
  for (const [plan, befores, change] of TOGETHER) {
    const results = await placedTogether(befores, change);
    const said = results.map(saidOf).join(', ');
    if (said !== plan || results.some(isWrong)) wrong.push({ befores, change, plan, said, results });
  }
  expect(wrong).toEqual([]);
}, 1_800_000);

describe('the plan and the engine agree', () => {
  test.concurrent.each(Object.entries(LANES))(
    '%s',
    async (_, lines) => {
      const wrong: object[] = [];
      for (const [plan, row] of lines) {
        const result = await placed(row).catch((error: unknown) => ({ error: String(error) }));
        if ('error' in result) {
          wrong.push({ row, ...result });
          continue;
        }
        if (saidOf(result) !== plan || isWrong(result)) wrong.push({ row, plan, ...result });
      }
      expect(wrong).toEqual([]);
    },
    1_800_000,
  );
});
