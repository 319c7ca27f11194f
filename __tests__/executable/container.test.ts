/** The executable where there is nothing but the C library: in an image made by the Dockerfile, run by the swarm's manager. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  image,
  orThrow,
  removeServices,
  run,
  swarm,
  swarmroll,
  uniqueName,
} from '../integration/support/swarm.ts';
import { EXECUTABLE, ROOT } from '../support/command.ts';

const stack = uniqueName('stack');
const name = `${stack}_web`;
const base = uniqueName('base');
const tag = uniqueName('swarmroll');

const docker = orThrow((args) =>
  // The builder that needs no plugin.
  run('docker', ['-H', swarm.host, ...args], { env: { DOCKER_BUILDKIT: '0' } }),
);
/** `docker run` as the README has it. The socket is the manager's own. */
const inContainer = (...args: readonly string[]) =>
  run('docker', [
    '-H',
    swarm.host,
    'run',
    '--rm',
    '-v',
    '/var/run/docker.sock:/var/run/docker.sock',
    tag,
    ...args,
  ]);

beforeAll(async () => {
  // The base image: the libraries of this machine, since no registry with public images may be reachable.
  const listed = execFileSync('ldd', [EXECUTABLE], { encoding: 'utf8' });
  const libraries = listed.match(/(?<=^\s*|=> )\/\S+/gm) ?? [];
  const settings = ['/etc/nsswitch.conf'].filter((file) => existsSync(file));
  const files = [...new Set([...settings, ...libraries])].map((path) => `'${path}'`).join(' ');
  const made = `tar --create --dereference --absolute-names ${files} | docker -H '${swarm.host}' import - ${base}`;
  expect(await run('sh', ['-c', made])).toMatchObject({ code: 0 });
  const built = ['--build-arg', `BASE=${base}`, '--build-arg', `EXECUTABLE=${relative(ROOT, EXECUTABLE)}`];
  await docker('build', '--quiet', ...built, '--tag', tag, ROOT);
  const label = `com.docker.stack.namespace=${stack}`;
  await swarmroll(['create', '-d', '--name', name, '--label', label, image('ping', '1.0')]);
});
afterAll(async () => {
  await removeServices(name);
  await docker('rmi', '--force', tag, base);
});

test('wait --stack waits for the services of the stack', async () => {
  expect(await inContainer('wait', '--stack', stack)).toMatchObject({
    code: 0,
    stdout: `${name}  converged\n`,
  });
});

test('ps prints what it prints outside; --version too', async () => {
  for (const words of [['ps', '--format', '{{.Name}} {{.Node}} {{.Image}}', name], ['--version']]) {
    const { stdout } = await swarmroll(words);
    expect(await inContainer(...words)).toMatchObject({ code: 0, stdout, stderr: '' });
  }
});

test('the image has the licences of what is in it', async () => {
  const { stdout } = await docker('create', tag);
  const id = stdout.trim();
  const file = join(tmpdir(), `${tag}-NOTICE`);
  await docker('cp', `${id}:/usr/share/doc/swarmroll/NOTICE`, file);
  await docker('rm', id);
  expect(readFileSync(file, 'utf8')).toBe(readFileSync(join(ROOT, 'dist/NOTICE'), 'utf8'));
  rmSync(file);
});

test('without ssh and docker in the image, the error says so', async () => {
  const ssh = await inContainer('-H', 'ssh://manager', 'ps', name);
  expect(ssh).toMatchObject({ code: 1, stderr: expect.stringContaining('ssh is not on the PATH') });
  const deploy = await inContainer('stack', 'deploy', '-c', '-', stack);
  expect(deploy).toMatchObject({ code: 1, stderr: expect.stringContaining('docker') });
});
