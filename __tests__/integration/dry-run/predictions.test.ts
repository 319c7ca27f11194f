/**
 * The prediction of `--dry-run` against what the engine does, for every flag of `update`. The tasks of most rows find no
 * node, so no container has to start: whether the engine replaces a task does not depend on that.
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Service } from '../../../src/api/service.ts';
import { isApiAtLeast } from '../../../src/service-spec/api-version.ts';
import { UPDATE_FLAGS } from '../../../src/service-spec/build.ts';
import { uniqueName, until } from '../support/swarm.ts';
import { effectOf, engineOf, inParallel } from './support.ts';

const NOWHERE = ['--constraint', 'node.labels.zone==nowhere'];
/** The service that each row changes has a value in most fields. $S is a secret, $C a config, $N and $M are networks. */
const STORED = [
  ...'--replicas 1 --update-parallelism 0 --update-monitor 1s -e A=1 -l x=1 --container-label x=1 --group g'.split(
    ' ',
  ),
  ...'--sysctl a=1 --ulimit nofile=1:2 --mount source=v,target=/t --host a:1.2.3.4 --dns 1.1.1.1'.split(' '),
  ...'--dns-search a.b --dns-option x --secret $S --config $C --network $N --constraint node.role!=x'.split(
    ' ',
  ),
  ...'--placement-pref spread=x --generic-resource gpu=1 -p 80 --limit-memory 64m'.split(' '),
  ...NOWHERE,
];

/** Each line is an update of its own service. */
const LINES = `
--image $IMAGE
--image $IMAGE --no-resolve-image
--no-resolve-image
--args a
--entrypoint sh
--env-add A=1
--env-add A=2
--env-add B=1
--env-rm A
--env-rm B
--label-add x=2
--label-rm x
--container-label-add x=2
--container-label-rm x
--workdir /a
--user u
--group-add h
--group-rm g
--hostname h
--init
--init=false
--isolation default
--tty
--tty=false
--read-only
--stop-signal SIGINT
--stop-grace-period 0s
--stop-grace-period 1m
--sysctl-add b=1
--sysctl-rm a
--cap-add NET_ADMIN
--cap-drop NET_ADMIN
--ulimit-add nproc=1
--ulimit-rm nofile
--oom-score-adj 5
--mount-add source=w,target=/w
--mount-rm /t
--mount-rm /none
--host-add b:1.2.3.4
--host-rm a
--dns-add 8.8.8.8
--dns-rm 1.1.1.1
--dns-search-add c.d
--dns-search-rm a.b
--dns-option-add y
--dns-option-rm x
--secret-add source=$S,target=other
--secret-rm $S
--config-add source=$C,target=other
--config-rm $C
--credential-spec file://f
--health-cmd true
--health-interval 1s
--health-interval 0s
--health-timeout 1s
--health-retries 3
--health-start-period 1s
--health-start-interval 1s
--no-healthcheck
--log-driver json-file
--log-driver json-file --log-opt max-size=1m
--log-opt max-size=1m
--replicas 2
--replicas 0
--replicas 2 --env-add A=2
--replicas 0 --env-add A=2
--max-concurrent 2
--replicas-max-per-node 2
--replicas-max-per-node 0
--constraint-add node.role!=y
--constraint-rm node.role!=x
--placement-pref-add spread=y
--placement-pref-rm spread=x
--network-add $M
--network-rm $N
--endpoint-mode vip
--endpoint-mode dnsrr --publish-rm 80
--publish-add 81
--publish-add 80
--publish-rm 80
--limit-cpu 0.5
--limit-memory 64m
--limit-memory 65m
--limit-pids 9
--limit-pids 0
--reserve-cpu 0.5
--reserve-cpu 0
--reserve-memory 8m
--memory-swap 128m
--memory-swappiness 5
--generic-resource-add gpu=2
--generic-resource-rm gpu
--restart-condition any
--restart-condition none
--restart-delay 1s
--restart-delay 0s
--restart-max-attempts 2
--restart-window 2s
--restart-window 0s
--update-parallelism 1
--update-delay 2s
--update-monitor 2s
--update-failure-action continue
--update-max-failure-ratio 0.5
--update-order stop-first
--rollback-parallelism 2
--rollback-delay 2s
--rollback-monitor 2s
--rollback-failure-action continue
--rollback-max-failure-ratio 0.5
--rollback-order start-first
--with-registry-auth
--with-registry-auth --label-add x=3
--force
--force=false
`
  .trim()
  .split('\n');

const flagsOf = (line: string): string[] => [...line.matchAll(/--([a-z-]+)/g)].map(([, name = '']) => name);

test('the table has every flag of update', () => {
  const tested = LINES.flatMap(flagsOf);
  expect(UPDATE_FLAGS.map(({ name }) => name).filter((name) => !tested.includes(name))).toEqual([]);
});

describe.each(['28.5', '20.10'] as const)('engine %s', (version) => {
  const engine = engineOf(version);
  afterAll(() => engine.removeAll());

  test('replaces the tasks that the dry run has named, for every flag that it has', async () => {
    const S = await engine.createObject('secrets');
    const [C, N, M] = [
      await engine.createObject('configs'),
      await engine.createObject('networks'),
      await engine.createObject('networks'),
    ];
    const values: Record<string, string> = { $IMAGE: engine.image('1.1'), $S: S, $C: C, $N: N, $M: M };
    const words = (list: readonly string[]): string[] =>
      list.map((word) => word.replace(/\$[A-Z]+/, (name) => values[name] ?? name));
    const { ApiVersion } = await engine.get<{ ApiVersion: string }>('/version');
    const lines = LINES.filter((line) =>
      flagsOf(line).every((name) =>
        isApiAtLeast(ApiVersion, UPDATE_FLAGS.find((flag) => flag.name === name)?.since),
      ),
    );
    expect(lines.length).toBeGreaterThan(90);
    const base = uniqueName('predicted-base');
    await engine.swarmroll('create', '--detach', '--name', base, ...words(STORED), engine.image('1.0'));
    const { ID, Spec } = await engine.get<Service>(`/services/${base}`);
    engine.removeLater(ID);
    const rows = await inParallel(lines, async (line) => ({
      line,
      id: await engine.create(Spec),
      change: ['update', ...words(line.split(' '))],
    }));
    const before = await until('a task of each service', async () => {
      const live = await engine.liveTasks();
      return rows.every(({ id }) => live.get(id)?.length === 1) ? live : undefined;
    });
    const expected = await inParallel(rows, async ({ line, id, change }) => ({
      line,
      effect: await engine.predict(...change, id),
    }));
    await inParallel(rows, ({ id, change }) => engine.swarmroll(...change, '--detach', id));
    // The engine takes services one after the other: once it has replaced the tasks of this one, it has begun with all others.
    const [first] = (await engine.liveTasks()).get(ID) ?? [];
    await engine.swarmroll('update', '--detach', '--force', ID);
    await until('the last update', async () => {
      const tasks = (await engine.liveTasks()).get(ID) ?? [];
      return tasks.every((task) => task.ID !== first?.ID) || undefined;
    });
    const actual = async () => {
      const live = await engine.liveTasks();
      return rows.map(({ line, id }) => ({
        line,
        effect: effectOf(before.get(id) ?? [], live.get(id) ?? []),
      }));
    };
    const isAsExpected = async () =>
      JSON.stringify(await actual()) === JSON.stringify(expected) ? true : undefined;
    await until('the predicted effect', isAsExpected).catch(() => undefined);
    expect(await actual()).toEqual(expected);
    const replacing = expected.filter(({ effect }) => effect.replaced > 0).length;
    expect([replacing > 50, expected.length - replacing > 20]).toEqual([true, true]);
  }, 600_000);
});
