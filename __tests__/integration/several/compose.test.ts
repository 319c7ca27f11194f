/** `stack deploy --compose` with a real Docker Compose: the order of services, what is stored, and the private folder. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { run, startSwarmroll, storedService, storedTasks, swarmroll, until } from '../support/swarm.ts';
import {
  DOCKER,
  NEWER,
  ONESHOT,
  PING,
  deployment,
  objectsOf,
  removeStack,
  servicesOf,
  stackName,
} from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'swarmroll-compose-'));
afterAll(() => rmSync(folder, { recursive: true }));

const withCompose = (env: Readonly<Record<string, string>> = {}, input = '') =>
  deployment(input, { env: { DOCKER_CONFIG: NEWER, ...env } });

/** `stack deploy --compose` of a file on standard input. */
const deployCompose = (stack: string, file: object, env?: Readonly<Record<string, string>>) =>
  swarmroll(['stack', 'deploy', '--compose', '-c', '-', stack], withCompose(env, JSON.stringify(file)));

test('the conditions of depends_on are the order: healthy, and complete although a failure would start it again', async () => {
  const stack = stackName('compose');
  const fast = { update_config: { monitor: '1s' } };
  const { code, stdout, stderr } = await deployCompose(stack, {
    services: {
      web: {
        image: PING,
        deploy: fast,
        depends_on: {
          db: { condition: 'service_healthy' },
          migrate: { condition: 'service_completed_successfully' },
        },
      },
      db: { image: PING, deploy: fast, healthcheck: { test: ['CMD', 'true'], interval: '1s' } },
      migrate: { image: ONESHOT, command: ['sh', '-c', 'sleep 3'], restart: 'on-failure', deploy: fast },
    },
  });
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: ['db', 'migrate', 'web']
      .map((name) => `${stack}_${name}`.padEnd(`${stack}_migrate`.length) + '  converged\n')
      .join(''),
    stderr: expect.any(String),
  });
  expect(stderr).toContain(`${stack}_web: ${stack}_db is healthy, ${stack}_migrate has completed\n`);
  const [done] = await storedTasks(`${stack}_migrate`);
  const web = await storedService(`${stack}_web`);
  expect(done?.Status.State).toBe('complete');
  expect(Date.parse(web.CreatedAt)).toBeGreaterThan(Date.parse(done?.Status.Timestamp ?? ''));
  expect(web.Spec.Labels).not.toHaveProperty('swarmroll.depends_on');
});

test('an empty variable is stored as empty, although the environment has a value', async () => {
  const stack = stackName('compose');
  const environment = { EMPTY: '', KEPT: 'x' };
  const { code } = await deployCompose(
    stack,
    { services: { web: { image: PING, deploy: { replicas: 0 }, environment } } },
    { EMPTY: 'secret', KEPT: 'secret' },
  );
  expect(code).toBe(0);
  const { Spec } = await storedService(`${stack}_web`);
  expect(Spec.TaskTemplate.ContainerSpec?.Env).toEqual(['EMPTY=', 'KEPT=x']);
});

/** What the engine has of the networks, and the specs of the services, without ids. */
async function stored(stack: string): Promise<unknown> {
  const networks = await objectsOf('networks', stack);
  const names = new Map(networks.map(({ Id = '', Name = '' }) => [Id, Name]));
  const text = JSON.stringify({
    networks: networks
      .map(({ Name, Driver, Options, Internal, Attachable, Labels, EnableIPv6 }) => ({
        ...{ Name, Driver, Internal, Attachable, Labels, EnableIPv6 },
        // The engine chooses the number of the VXLAN.
        Options: { ...(Options as object), 'com.docker.network.driver.overlay.vxlanid_list': '' },
      }))
      .sort((a, b) => ((a.Name ?? '') < (b.Name ?? '') ? -1 : 1)),
    services: (await servicesOf(stack))
      .map(({ Spec }) => Spec)
      .sort((a, b) => ((a.Name ?? '') < (b.Name ?? '') ? -1 : 1)),
  });
  return JSON.parse(text, (_, value: unknown) =>
    typeof value === 'string' ? (names.get(value) ?? value) : value,
  );
}

test('networks and services are stored as plain docker stores them', async () => {
  const stack = stackName('compose');
  const more = { deploy: { replicas: 0 }, image: PING };
  const file = {
    services: {
      web: { ...more, networks: { front: { aliases: ['www'] }, default: null }, environment: ['A=$$b', 'C'] },
      db: { ...more, volumes: ['data:/data', '/etc:/host-etc:ro'], extra_hosts: ['a:10.0.0.1'] },
    },
    networks: { front: { attachable: true, driver_opts: { a: 'b' }, labels: ['net=front'] } },
    volumes: { data: {} },
  };
  const path = join(folder, 'same.yml');
  writeFileSync(path, JSON.stringify(file));
  const flags = ['stack', 'deploy', '--detach=true', '--resolve-image=never', '-c', path];
  const ours = await swarmroll([...flags, '--compose', stack], withCompose());
  expect(ours).toMatchObject({ code: 0 });
  const byCompose = await stored(stack);
  await removeStack(stack);
  const plain = await run(DOCKER, [...flags, stack]);
  expect(plain).toMatchObject({ code: 0 });
  expect(byCompose).toEqual(await stored(stack));
});

test('the folder with the content of secrets is for this user alone, and gone after SIGINT', async () => {
  const stack = stackName('compose');
  const [bin, temporary] = [join(folder, 'bin'), join(folder, 'tmp')];
  mkdirSync(bin);
  mkdirSync(temporary);
  // A docker that does not get on with the deployment.
  writeFileSync(
    join(bin, 'docker'),
    `#!/bin/sh
case "$*" in
  *"stack deploy"*)
    stat -c '%a %n' '${temporary}'/*/* '${temporary}'/* > '${folder}/seen'
    mv '${folder}/seen' '${folder}/started'
    exec sleep 300 ;;
esac
exec '${DOCKER}' "$@"
`,
  );
  chmodSync(join(bin, 'docker'), 0o755);
  const file = {
    services: { web: { image: PING, secrets: ['key'] } },
    secrets: { key: { environment: 'KEY' } },
  };
  const started = startSwarmroll(
    ['stack', 'deploy', '--compose', '-c', '-', stack],
    withCompose(
      { KEY: 'the value', TMPDIR: temporary, PATH: `${bin}:${process.env['PATH'] ?? ''}` },
      JSON.stringify(file),
    ),
  );
  await until('docker to run', () => Promise.resolve(existsSync(join(folder, 'started')) || undefined));
  const seen = readFileSync(join(folder, 'started'), 'utf8');
  expect(seen).toMatch(/^600 .*\/secret-key$/m);
  for (const [mode] of seen.matchAll(/^.*\/tmp\/swarmroll-\w+$/gm)) expect(mode).toMatch(/^700 /);
  started.child.kill('SIGINT');
  const { code, stdout, stderr } = await started.ended;
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  expect(stderr).not.toContain('the value');
  expect(readdirSync(temporary)).toEqual([]);
  expect(await servicesOf(stack)).toEqual([]);
});
