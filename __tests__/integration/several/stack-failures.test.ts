/** `stack deploy` that is refused, killed or interrupted, or that meets another one: all of the stack changes, or nothing. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { docker, image, startSwarmroll, swarmroll, until } from '../support/swarm.ts';
import type { Ended } from '../support/swarm.ts';
import { hang, proxy } from '../support/proxy.ts';
import type { Proxy } from '../support/proxy.ts';
import { expectCode, posts } from '../rollout/support.ts';
import {
  CRASH,
  NEXT,
  NO_TASKS,
  PING,
  compose,
  deploy,
  deployment,
  objectsOf,
  servicesOf,
  stackName,
} from './support.ts';
import type { Composed } from './support.ts';

const specs = async (stack: string) =>
  (await servicesOf(stack))
    .map(({ Spec }) => Spec)
    .sort((a, b) => ((a.Name ?? '') < (b.Name ?? '') ? -1 : 1));
const imagesOf = async (stack: string) =>
  (await specs(stack)).map(({ TaskTemplate }) => TaskTemplate.ContainerSpec?.Image?.replace(/@.*/, ''));
/** Services without tasks: what is stored is what counts. */
const all = (of: string, ...names: readonly string[]): Record<string, Composed> =>
  Object.fromEntries(names.map((name) => [name, [of, NO_TASKS]]));
/** With a network of its own, which is created before the services. */
const withNetwork = (services: Readonly<Record<string, Composed>>): string => {
  const file = JSON.parse(compose(services)) as { services: Record<string, object> };
  return JSON.stringify({
    ...file,
    services: Object.fromEntries(
      Object.entries(file.services).map(([name, one]) => [name, { ...one, networks: ['own'] }]),
    ),
    networks: { own: {} },
  });
};

/** `stack deploy` through a proxy, started only. */
const through = (between: Proxy, stack: string, file: string, ...flags: readonly string[]) =>
  startSwarmroll(['-H', between.host, 'stack', 'deploy', '-c', '-', ...flags, stack], deployment(file, {}));

describe('what is known before is found before: nothing is sent', () => {
  test.each([
    [
      'an external secret is missing',
      (stack: string) => ({
        services: { web: { image: PING, secrets: ['key'] } },
        secrets: { key: { external: true, name: `${stack}-missing` } },
      }),
      () => Promise.resolve(),
      /secret not found: .*-missing/,
    ],
    [
      'an external network is missing',
      (stack: string) => ({
        services: { web: { image: PING, networks: ['net'] } },
        networks: { net: { external: true, name: `${stack}-missing` } },
      }),
      () => Promise.resolve(),
      /-missing" is declared as external, but could not be found/,
    ],
    [
      'the name of a service is taken',
      () => ({ services: { web: { image: PING } } }),
      async (stack: string) =>
        expectCode(
          await docker(['service', 'create', '-d', '--name', `${stack}_web`, '--replicas', '0', PING]),
          0,
        ),
      /a service named \S+_web exists that does not belong to the stack; nothing was sent/,
    ],
    [
      'the name of a network is taken',
      () => ({ services: { web: { image: PING, networks: ['net'] } }, networks: { net: {} } }),
      async (stack: string) =>
        expectCode(await docker(['network', 'create', '-d', 'overlay', `${stack}_net`]), 0),
      /a network named \S+_net exists that does not belong to the stack.*; nothing was sent/,
    ],
  ])('%s', async (_, file, prepare, message) => {
    const stack = stackName('known');
    await prepare(stack);
    const between = await proxy();
    const ended = await through(between, stack, JSON.stringify(file(stack))).ended;
    between.close();
    await docker(['service', 'rm', `${stack}_web`]);
    await docker(['network', 'rm', `${stack}_net`]);
    expectCode(ended, 1);
    expect(ended.stderr).toMatch(message);
    expect(posts(between)).toEqual([]);
    expect(await objectsOf('networks', stack)).toEqual([]);
  });
});

/** Whether a docker still runs that deploys this stack. */
const dockerRuns = (stack: string): boolean =>
  readdirSync('/proc').some((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words.includes('--detach=true') && words.includes(stack) && !words.includes('-H');
    } catch {
      return false;
    }
  });

describe('it is killed', () => {
  test('while docker runs: nothing is sent, docker ends by itself, and the same command again deploys', async () => {
    const stack = stackName('killed');
    const between = await proxy();
    const fault = between.inject(/^GET .*\/distribution\//, hang);
    const started = through(between, stack, compose(all(PING, 'a', 'b')), '--detach');
    await until('the request', () => Promise.resolve(fault.hits() > 0 || undefined));
    started.child.kill('SIGKILL');
    await started.ended;
    await until('docker to end', () => Promise.resolve(!dockerRuns(stack) || undefined));
    expect(posts(between)).toEqual([]);
    expect(await specs(stack)).toEqual([]);
    fault.stop();
    expectCode(await through(between, stack, compose(all(PING, 'a', 'b')), '--detach').ended, 0);
    between.close();
    expect(await imagesOf(stack)).toEqual([PING, PING]);
  });

  test('while a network is sent: the same command again finishes', async () => {
    const stack = stackName('killed');
    const file = withNetwork(all(PING, 'a', 'b', 'c'));
    const between = await proxy();
    const fault = between.inject(/^POST .*\/networks\/create/, hang);
    const started = through(between, stack, file);
    await until('the request', () => Promise.resolve(fault.hits() > 0 || undefined));
    started.child.kill('SIGKILL');
    await started.ended;
    fault.stop();
    const ended = await through(between, stack, file).ended;
    between.close();
    expectCode(ended, 0);
    expect(await imagesOf(stack)).toEqual([PING, PING, PING]);
    expect(await objectsOf('networks', stack)).toHaveLength(1);
  });
});

describe('SIGINT', () => {
  test('while docker runs: nothing is sent', async () => {
    const stack = stackName('interrupted');
    const between = await proxy();
    const fault = between.inject(/^GET .*\/distribution\//, hang);
    const started = through(between, stack, compose(all(PING, 'a')));
    await until('the request', () => Promise.resolve(fault.hits() > 0 || undefined));
    started.child.kill('SIGINT');
    const ended = await started.ended;
    between.close();
    expect(ended.code).toBe(130);
    expect(posts(between)).toEqual([]);
    await until('docker to end', () => Promise.resolve(!dockerRuns(stack) || undefined));
  });

  test('while a network is sent whose answer does not come: it is removed again', async () => {
    const stack = stackName('interrupted');
    const between = await proxy();
    // The engine stores it. The answer is lost.
    const fault = between.inject(/^POST .*\/networks\/create/, ({ pass }) => pass((reply) => reply.resume()));
    const started = through(between, stack, withNetwork(all(PING, 'a')));
    await until('the network', async () =>
      (await objectsOf('networks', stack)).length > 0 ? true : undefined,
    );
    expect(fault.hits()).toBe(1);
    started.child.kill('SIGINT');
    const ended = await started.ended;
    between.close();
    expect(ended.code).toBe(130);
    expect(ended.stderr).toContain(`  network ${stack}_own: removed\n`);
    expect(await objectsOf('networks', stack)).toEqual([]);
  });
});

describe('another change comes between', () => {
  test('two deployments at once: never a mixture', async () => {
    const stack = stackName('both');
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
    expectCode(await deploy(stack, all(PING, ...names), ['--detach']), 0);
    const third = image('ping', '1.2');
    const ended: Ended[] = await Promise.all(
      [NEXT, third].map((of) => deploy(stack, all(of, ...names), ['--detach'])),
    );
    const stored = new Set(await imagesOf(stack));
    expect([...stored]).toHaveLength(1);
    const codes = ended.map(({ code }) => code);
    for (const code of codes) expect([0, 7]).toContain(code);
    // Who alone ends with 0 has its image everywhere; if nobody does, all is as it was.
    const winners = [NEXT, third].filter((_, index) => codes[index] === 0);
    expect(winners.length === 0 ? [PING] : winners).toContain([...stored][0]);
  });
});

test('--rollback-on-failure of a new stack: its network, secrets and configs go, too', async () => {
  const stack = stackName('whole');
  const file = JSON.parse(withNetwork({ web: [PING], crash: [CRASH] })) as object;
  const configs = { conf: { file: '/etc/hostname' } };
  const send = (text: string, ...flags: readonly string[]) =>
    swarmroll(['stack', 'deploy', '-c', '-', ...flags, stack], deployment(text, {}));
  const whole = JSON.stringify({ ...file, configs, secrets: { key: { file: '/etc/hostname' } } });
  const ended = await send(whole, '--rollback-on-failure', '--max-failures', '1');
  expectCode(ended, 3);
  expect(ended.stderr).toContain(`  network ${stack}_own: removed\n`);
  expect(await specs(stack)).toEqual([]);
  for (const kind of ['networks', 'secrets', 'configs'] as const)
    expect(await objectsOf(kind, stack)).toEqual([]);
  // While a network is being removed, the manager lists it, but no service can use it.
  for (const removal of [undefined, ['stack', 'rm', stack]]) {
    if (removal !== undefined) await docker(removal);
    expectCode(await send(withNetwork({ web: [PING] })), 0);
  }
});
