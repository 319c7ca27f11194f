/** Predictions about running tasks: placement, credentials, ports, global services and jobs, on both engines. */
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Service, Task } from '../../../src/api/service.ts';
import { uniqueName, until } from '../support/swarm.ts';
import { effectOf, engineOf, inParallel } from './support.ts';
import type { Effect } from './support.ts';

const STILL_FITS = ['--constraint-add', 'node.role!=nothing'];
const AUTH = '--with-registry-auth';

/** Each row is a service and the updates that it gets one after the other, with how many tasks each replaces of how many. */
const ROWS: readonly (readonly [
  service: readonly string[],
  updates: readonly (readonly [words: readonly string[], expected: Partial<Effect>])[],
])[] = [
  [
    ['--replicas', '2'],
    [
      [STILL_FITS, { replaced: 0, kept: 2 }],
      // The spec of these tasks differs in the placement from now on: the engine then compares no ports.
      [['--publish-add', '80'], { replaced: 0, kept: 2 }],
      [['--env-add', 'A=1'], { replaced: 2, kept: 0 }],
      [['--publish-add', '81'], { replaced: 2, kept: 0 }],
    ],
  ],
  [
    ['--replicas', '2'],
    [
      [[...STILL_FITS, '--publish-add', '80'], { replaced: 0, kept: 2 }],
      [['--rollback'], { replaced: 0, kept: 2 }],
    ],
  ],
  [
    ['--replicas', '2'],
    [
      [
        ['--placement-pref-add', 'spread=node.labels.zone', '--replicas-max-per-node', '2'],
        { replaced: 0, kept: 2 },
      ],
      [['--constraint-add', 'node.hostname==nowhere'], { replaced: 2, kept: 0 }],
    ],
  ],
  [
    ['--replicas', '2'],
    [
      [[AUTH], { replaced: 0, kept: 2 }],
      [['--image', '$IMAGE'], { replaced: 2, kept: 0 }],
      [['--rollback'], { replaced: 2, kept: 0 }],
    ],
  ],
  [['--replicas', '2'], [[[AUTH, ...STILL_FITS], { replaced: 2, kept: 0 }]]],
  [['--replicas', '2'], [[['--replicas', '3', '--force'], { replaced: 2, kept: 0, started: 1 }]]],
  [
    ['--mode', 'global'],
    [
      [STILL_FITS, { replaced: 0, kept: 3 }],
      [['--constraint-add', 'node.role==worker'], { replaced: 0, kept: 2, stopped: 1 }],
      [['--constraint-rm', 'node.role==worker', '--env-add', 'A=1'], { replaced: 2, started: 1 }],
    ],
  ],
];

describe.each(['28.5', '20.10'] as const)('engine %s', (version) => {
  const engine = engineOf(version);
  afterAll(() => engine.removeAll());

  test('replaces the running tasks that the dry run has named', async () => {
    const quick = '--update-parallelism 0 --rollback-parallelism 0 --update-monitor 1s --rollback-monitor 1s';
    const brisk = [...quick.split(' '), '--stop-grace-period', '1s'];
    await inParallel(ROWS, async ([service, updates]) => {
      const name = uniqueName('predicted-running');
      const made = ['create', '--quiet', '--name', name, ...brisk, ...service, engine.image('1.0')];
      const id = (await engine.swarmroll(...made)).stdout.trim();
      engine.removeLater(id);
      for (const [words, expected] of updates) {
        const change = ['update', ...words.map((word) => word.replace('$IMAGE', engine.image('1.1')))];
        const before = await settled(id);
        const predicted = await engine.predict(...change, id);
        expect({ name, words, ...predicted }).toMatchObject({ words, ...expected });
        await engine.swarmroll(...change, '--detach', id);
        const isAsPredicted = async () =>
          JSON.stringify(effectOf(before, await live(id))) === JSON.stringify(predicted) ? true : undefined;
        await until('the predicted effect', isAsPredicted).catch(() => undefined);
        // The engine has finished: what it has not replaced by now, it does not replace.
        await settled(id);
        expect({ words, ...effectOf(before, await live(id)) }).toEqual({ words, ...predicted });
      }
    });
  }, 600_000);

  test('a job starts anew with every change, even of a label', async () => {
    const words = ['--mode', 'replicated-job', '--replicas', '3', '--max-concurrent', '2'];
    const made = ['create', '--quiet', '--name', uniqueName('predicted-job'), ...words];
    const id = (await engine.swarmroll(...made, engine.image('1.0', 'oneshot'))).stdout.trim();
    engine.removeLater(id);
    const change = ['update', '--label-add', 'a=1'];
    expect(await engine.predict(...change, id)).toEqual({ replaced: 0, kept: 0, started: 3, stopped: 0 });
    const before = new Set((await all(id)).map(({ ID }) => ID));
    await engine.swarmroll(...change, '--quiet', id);
    expect((await all(id)).filter(({ ID }) => !before.has(ID))).toHaveLength(3);
  });

  const all = (id: string): Promise<Task[]> =>
    engine.get(`/tasks?filters=${encodeURIComponent(JSON.stringify({ service: [id] }))}`);
  const live = async (id: string): Promise<readonly Task[]> => (await engine.liveTasks()).get(id) ?? [];

  /** The live tasks, once the engine is at no update and every task runs or finds no node. */
  const settled = (id: string): Promise<readonly Task[]> =>
    until('the service to settle', async () => {
      const { UpdateStatus } = await engine.get<Service>(`/services/${id}`);
      const tasks = await live(id);
      const isNowhere = tasks.every(({ Status }) => Status.State === 'pending');
      if (/updating|started/.test(UpdateStatus?.State ?? '') && !isNowhere) return undefined;
      return tasks.every(({ Status }) => ['running', 'pending'].includes(Status.State)) ? tasks : undefined;
    });
});
