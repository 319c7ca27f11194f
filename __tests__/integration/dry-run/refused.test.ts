/** Changes that the engine refuses are risks of the plan, which ends with 1, and changes that it accepts are not: the engine decides. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { splitShellWords } from '../../../src/values/shell-words.ts';
import { image, storedService, swarmroll, uniqueName, until } from '../support/swarm.ts';
import { engineOf } from './support.ts';

const engine = engineOf('28.5');
afterAll(() => engine.removeAll());

const NOWHERE = ['--constraint', 'node.labels.zone==nowhere'];
const VARIABLES: Record<string, string> = {};

beforeAll(async () => {
  [VARIABLES['S'], VARIABLES['T'], VARIABLES['C']] = [
    await engine.createObject('secrets'),
    await engine.createObject('secrets'),
    await engine.createObject('configs'),
  ];
  // An ingress port, a host-mode port, and a port that the engine chooses.
  const ports = ['-p', '20801:80', '-p', 'published=20802,target=80,mode=host', '-p', '81'];
  const { stdout } = await create(['--name', uniqueName('taken'), ...ports], '--detach');
  engine.removeLater(stdout.trim());
  // The engine chooses some time after it has accepted the service.
  VARIABLES['CHOSEN'] = await until('a port to be chosen', async () => {
    const { Endpoint } = await storedService(stdout.trim());
    const chosen = (Endpoint?.Ports ?? []).find(({ PublishedPort = 0 }) => PublishedPort >= 30000);
    return chosen === undefined ? undefined : String(chosen.PublishedPort);
  });
});

const create = (words: readonly string[], ...more: readonly string[]) =>
  swarmroll(['create', ...more, '--no-resolve-image', ...NOWHERE, ...words, image('ping', '1.0')]);

const wordsOf = (line: string): readonly string[] =>
  splitShellWords(line.replaceAll(/\$([A-Z]+)/g, (_, name: string) => VARIABLES[name] ?? ''));

interface Plan {
  readonly risks: readonly { readonly kind: string; readonly message: string }[];
}
/** The risks that the engine refuses the change. */
const refusals = (stdout: string): readonly string[] =>
  (JSON.parse(stdout) as Plan).risks
    .filter(({ message }) => message.endsWith(': the engine refuses the change'))
    .map(({ kind }) => kind);

const LONG = 'a'.repeat(64);
describe('create', () => {
  test.each(
    `
-p 20801:1
-p published=20801,target=1,mode=host
-p 20801:1/udp
-p 20802:1
-p published=20802,target=1,mode=host
-p $CHOSEN:1
-p 20803:1 -p 20803:2
-p 20803:1 -p published=20803,target=2,mode=host
-p 20804:1 -p 20804:1/udp
--endpoint-mode dnsrr -p 80
--endpoint-mode dnsrr -p published=20805,target=80,mode=host
--name a.b
--name ${LONG}
--name -x
--name x_
--name ä
--secret source=$S,target=x --secret source=$S,target=y
--secret source=$S,target=x --config source=$C,target=x
--mount target=/a --mount target=/a
--mount target=/a --mount target=/a/
--mount target=/1 --mount target=/{{.Task.Slot}}
--mount type=foo,target=/a
--mount type=image,source=x,target=/a
--mount type=npipe,source=x,target=/a
--mount type=bind,source=/a,target=/a,bind-propagation=nonsense
--mount type=bind,source=/a,target=/a,bind-propagation=SHARED
--mount source={{.Foo}},target=/a
--mount target=/{{.Foo}}
--mount "target=/a,volume-label=x={{.Foo}}"
--mount "target=/a,volume-driver=local,volume-opt=x={{.Foo}}"
-e A={{.Foo}}
-e {{.Foo}}=A
-e A={{.Service.Labels.x}} -l x=1
-e A={{.Task.Slot}}-{{.Node.Hostname}}-{{.Node.Platform.OS}}
-e A={{
-e 'A={{join "-" .Task.Name .Task.ID}}'
-e 'A={{index .Service.Labels "x"}}'
-e 'A={{lower "x"}}'
-e 'A={{html "x"}}{{js .Task.Slot}}'
-e 'A={{range .Service.Labels}}{{.Foo}}{{end}}'
--hostname {{.Foo}}
--hostname {{.Task.Name}}
--container-label a={{.Foo}}
--constraint node.role=worker
--constraint node.id==a,b
--constraint 'node.labels.a == b c'
--limit-cpu 0.0001
--limit-cpu 0.001
--limit-memory 1m
--limit-memory 4m
--reserve-memory 1m
--reserve-cpu 0.0001
--restart-delay -1s
--restart-window -1s
--update-max-failure-ratio 2
--update-max-failure-ratio -1
--rollback-max-failure-ratio 2
--health-interval 1us
--health-interval 1ms
--health-timeout 10ns
--health-start-period 10ns
--health-start-interval 10ns
--health-retries -1
--network host
--network bridge
--network ingress
--replicas 9223372036854775808
`
      .trim()
      .split('\n'),
  )('%s', async (line) => {
    const words = wordsOf(line);
    const named = words.includes('--name') ? words : ['--name', uniqueName('refused'), ...words];
    const plan = await create(named, '--dry-run', '-o', 'json');
    const { code, stdout, stderr } = await create(named, '--detach');
    if (code === 0) engine.removeLater(stdout.trim());
    expect({ plan: plan.code, refused: refusals(plan.stdout).length > 0, stderr }).toEqual({
      plan: code,
      refused: code === 1,
      stderr,
    });
  });
});

describe('update', () => {
  test.each([
    ['', '--publish-add 20801:1'],
    ['', '--publish-add published=20802,target=1,mode=host'],
    ['', '--endpoint-mode dnsrr'],
    ['-p 82', '--endpoint-mode dnsrr'],
    ['-p 82', '--endpoint-mode dnsrr --publish-rm 82'],
    ['--endpoint-mode dnsrr', '--publish-add 82'],
    ['-p 20806:82', '--publish-add 83'],
    ['--secret source=$S,target=x', '--secret-add source=$T,target=x'],
    ['--secret source=$S,target=x', '--secret-rm $S --secret-add source=$T,target=x'],
    ['--hostname a', '--hostname {{.Node.Foo}}'],
    ['', '--env-add A={{.Task}}'],
    ['', '--limit-memory 1m'],
  ])('%s, then %s', async (before, line) => {
    const { stdout } = await create(['--name', uniqueName('refused'), ...wordsOf(before)], '--detach');
    const id = stdout.trim();
    engine.removeLater(id);
    const plan = await swarmroll(['update', '--dry-run', '-o', 'json', ...wordsOf(line), id]);
    const { code, stderr } = await swarmroll(['update', '--detach', ...wordsOf(line), id]);
    expect({ plan: plan.code, refused: refusals(plan.stdout).length > 0, stderr }).toEqual({
      plan: code,
      refused: code === 1,
      stderr,
    });
  });
});

test('rollback to a port that another service has got: the engine would take it, and no task could start', async () => {
  const name = uniqueName('refused');
  const other = uniqueName('refused');
  const made = [await create(['--name', name, '-p', '20807:80'], '--detach')];
  await swarmroll(['update', '--detach', '--publish-rm', '80', name]);
  // The engine lets a port go some time after it has stored the spec.
  await until('the port to be released', async () => {
    const { Endpoint } = await storedService(name);
    return (Endpoint?.Ports ?? []).length === 0 || undefined;
  });
  made.push(await create(['--name', other, '-p', '20807:80'], '--detach'));
  made.forEach(({ stdout }) => engine.removeLater(stdout.trim()));
  const plan = await swarmroll(['rollback', '--dry-run', '-o', 'json', name]);
  const conflict = `port 20807 is an ingress port of the service ${other}`;
  expect(plan.code).toBe(1);
  expect((JSON.parse(plan.stdout) as Plan).risks).toContainEqual({
    kind: 'port',
    message: `${conflict}: no task can start`,
  });
  const { code, stderr } = await swarmroll(['rollback', '--detach', name]);
  expect({ code, stderr: stderr.split('\n')[0] }).toEqual({
    code: 1,
    stderr: `swarmroll: ${name}: cannot roll back: ${conflict}; nothing was sent`,
  });
  const stored = await engine.get<{ Spec: { EndpointSpec: { Ports?: unknown } } }>(`/services/${name}`);
  expect(stored.Spec.EndpointSpec.Ports).toBeUndefined();
});
