/** `--compose` with programs that stand for docker and Docker Compose: how Compose is found, and what is refused before anything is sent. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
// Jest compiles in a child process. The fake clock takes that for docker, so nothing is compiled while a command runs.
import '../../../src/stack/print-file.ts';
import type { Engine } from '../../../src/engine/client.ts';
import { run } from '../../support/fake-world.ts';

const root = mkdtempSync(join(tmpdir(), 'swarmroll-compose-'));
afterAll(() => rmSync(root, { recursive: true }));

interface Programs {
  /** What `docker compose config` prints. Absent: docker has no plugin. */
  readonly plugin?: string;
  /** What `docker-compose config` prints, and its version. Absent: there is no such program. */
  readonly standalone?: readonly [version: string, output: string];
  /** What Compose prints on stderr. */
  readonly errors?: string;
  /** What Compose prints for the variables of configs and secrets. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly fails?: boolean;
  /** Compose cannot print the files with their variables not replaced. */
  readonly isOnlyInterpolated?: boolean;
  /** The environment beside PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
}

let count = 0;

/** A folder with programs. They note their words and what they get on standard input. */
function programs({
  plugin,
  standalone,
  errors = '',
  variables = {},
  fails = false,
  isOnlyInterpolated = false,
  env = {},
}: Programs) {
  const folder = join(root, String((count += 1)));
  mkdirSync(folder);
  const write = (name: string, text: string, mode = 0o644): void => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), mode);
  };
  const printed = (name: string, version: string, output: string): string => {
    write(`${name}.json`, output);
    write(`${name}.variables`, JSON.stringify({ services: { variables: { environment: variables } } }));
    write(`${name}.errors`, errors);
    return `case "$*" in
      *version*) echo '${version}'; exit ;;
      *--no-interpolate*) echo '{}'; exit ${isOnlyInterpolated ? 1 : 0} ;;
      *--project-directory=*) /bin/cat > '${folder}/asked'; /bin/cat '${folder}/${name}.variables'; exit ;;
      *) /bin/cat '${folder}/${name}.errors' >&2; /bin/cat '${folder}/${name}.json'; exit ${fails ? 1 : 0} ;;
    esac`;
  };
  const compose =
    plugin === undefined ? `echo "unknown flag: --file" >&2; exit 125` : printed('plugin', '2.40.3', plugin);
  write(
    'docker',
    `#!/bin/sh
echo "docker $*" >> '${folder}/ran'
case "$*" in
  compose*|*" compose "*) /usr/bin/env > '${folder}/env-of-compose'; ${compose} ;;
  *"stack config"*) /usr/bin/env > '${folder}/env-of-docker'; /bin/cat ;;
esac
`,
    0o755,
  );
  if (standalone !== undefined)
    write(
      'docker-compose',
      `#!/bin/sh\necho "docker-compose $*" >> '${folder}/ran'\n${printed('own', ...standalone)}\n`,
      0o755,
    );
  const noted = (name: string): string => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  const changes = {
    env: { PATH: folder, HOME: folder, ...env },
    cwd: folder,
    connect: () => Promise.resolve({} as Engine),
  };
  return {
    folder,
    noted,
    command: (...argv: readonly string[]) => run(argv, { changes }),
    changes,
  };
}

const project = (services: object, more: object = {}): string =>
  JSON.stringify({ name: 'app', services, ...more });
const WEB = project({ web: { image: 'ping', ports: [{ target: 80, published: '8080' }] } });
const CONFIG = ['stack', 'config', '--compose', '-c', 'compose.yml'];

describe('how Compose is found', () => {
  test('as the plugin of docker, with all that it has to know', async () => {
    const { command, noted } = programs({ plugin: WEB });
    const { code, stdout, stderr } = await command(
      ...['--config', '/etc/docker-config', 'stack', 'config', '--compose', '-c', 'a.yml', '-c', 'b.yml'],
      ...['--env-file', 'x.env', '--profile', 'p', '--profile', 'q', 'app'],
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      services: { web: { image: 'ping', ports: [{ target: 80, published: 8080 }] } },
    });
    expect(noted('ran').split('\n')).toContain(
      'docker --config=/etc/docker-config compose --file=a.yml --file=b.yml --project-name=app --env-file=x.env --profile=p --profile=q config --format json',
    );
    expect(noted('ran')).toContain('stack config --skip-interpolation --compose-file=-\n');
  });

  test('as docker-compose on the PATH', async () => {
    const { command, noted } = programs({ standalone: ['v2.26.1-4', WEB] });
    const { code, stderr } = await command(...CONFIG, 'app');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(noted('ran')).toContain(
      'docker-compose --file=compose.yml --project-name=app config --format json\n',
    );
  });

  test.each<readonly [string, Programs]>([
    ['without any', {}],
    ['with version 1 only', { standalone: ['1.29.2', 'services: {}'] }],
  ])('%s: how to get it', async (_, given) => {
    const { command } = programs(given);
    expect(await command(...CONFIG, 'app')).toEqual({
      code: 1,
      stdout: '',
      stderr: `swarmroll: Docker Compose 2 was not found: neither the plugin of docker nor docker-compose on the PATH
  install the plugin docker-compose-plugin, or docker-compose 2 or newer: https://docs.docker.com/compose/install/
`,
    });
  });

  test('its own refusal is told', async () => {
    const errors =
      'time="2026-11-30T08:15:07Z" level=warning msg="a warning"\ninvalid format.\nservices.web.image must be a string\n';
    const { command } = programs({ plugin: '', errors, fails: true });
    expect(await command(...CONFIG, 'app')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'swarmroll: warning: a warning\nswarmroll: invalid format. services.web.image must be a string\n',
    });
  });

  test('its end without a message is told', async () => {
    const { command } = programs({ plugin: '', fails: true });
    expect(await command(...CONFIG, 'app')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'swarmroll: docker compose config ended with exit code 1 and no error message\n',
    });
  });

  test('a docker that cannot be executed is told, with how to get one', async () => {
    const { command, folder } = programs({ plugin: WEB });
    chmodSync(join(folder, 'docker'), 0o644);
    const { code, stderr } = await command(...CONFIG, 'app');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^swarmroll: cannot run docker: .*EACCES.*\n {2}install the plugin docker-compose-plugin/,
    );
  });

  test.each([
    ['the output', 'services: {}'],
    ['the "$" in the output', project({ web: { image: 'ping', command: ['echo', '$HOME'] } })],
  ])('%s of an unknown version is refused', async (what, output) => {
    const { command } = programs({ plugin: output });
    const { code, stderr } = await command(...CONFIG, 'app');
    expect(code).toBe(1);
    expect(stderr).toContain(
      `swarmroll: swarmroll does not know ${what} of this version of Compose; nothing was sent\n`,
    );
  });
});

describe('what is refused', () => {
  test.each(['deploy', 'diff'])(
    'stack %s: keys that a swarm has no use for, before the engine is asked',
    async (verb) => {
      const { command, noted } = programs({
        plugin: project({
          web: { image: 'ping', privileged: true, environment: { KEY: 'value of the key' } },
          db: { image: 'ping', of_the_future: 'value of the key' },
        }),
      });
      const changed = await command('stack', verb, '--compose', '-c', 'compose.yml', 'app');
      expect({ code: changed.code, stdout: changed.stdout }).toEqual({ code: 2, stdout: '' });
      expect(changed.stderr).not.toContain('value of the key');
      expect(noted('ran')).not.toContain('stack deploy');
    },
  );

  test.each([
    [['stack', 'deploy', '--env-file', 'x', 'app'], '--env-file needs --compose'],
    [['stack', 'diff', '--profile', 'x', 'app'], '--profile needs --compose'],
    [
      ['stack', 'config', 'app'],
      'stack config needs --compose\n  without it, docker stack config prints the file',
    ],
    [[...CONFIG, 'App'], 'the stack name App is not a valid project name for Compose\n'],
  ])('%j', async (argv, message) => {
    const { command, noted } = programs({ plugin: WEB });
    const { code, stdout, stderr } = await command(...argv);
    expect({ code, stdout, ran: noted('ran') }).toEqual({ code: 2, stdout: '', ran: '' });
    expect(stderr).toContain(`swarmroll: ${message}`);
  });

  test('content, where there is no place for it', async () => {
    const { command } = programs({
      plugin: project({ web: { image: 'ping' } }, { configs: { a: { content: 'x' } } }),
    });
    const { code, stderr } = await command(...CONFIG, 'app');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'swarmroll: config a: a stack file cannot contain the content of configs and secrets\n  name a folder for it with --files\n',
    });
  });
});

test('what cannot be checked is told', async () => {
  const { command } = programs({ plugin: WEB, isOnlyInterpolated: true });
  const { code, stderr } = await command(...CONFIG, 'app');
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr:
      'swarmroll: warning: Compose cannot print the files with their variables not replaced: swarmroll cannot tell which configs, secrets and settings of volumes (x-cluster-spec) it leaves out\n',
  });
});

describe('the environment', () => {
  const environment = { EMPTY: '', NULL: null, KEPT: 'x' };

  test('docker does not have the variables that the file has as empty: it would give them its values', async () => {
    const { command, noted } = programs({
      plugin: project({ web: { image: 'ping', environment } }),
      env: { EMPTY: 'secret', NULL: 'secret', KEPT: 'own', DOCKER_TLS_VERIFY: '1' },
    });
    expect(await command(...CONFIG, 'app')).toMatchObject({ code: 0, stderr: '' });
    expect(noted('env-of-docker')).not.toContain('secret');
    expect(noted('env-of-docker')).toContain('KEPT=own\n');
    expect(noted('env-of-compose')).toContain('EMPTY=secret\n');
    expect(noted('env-of-compose')).toContain('DOCKER_TLS_VERIFY=1\n');
  });

  test('one that docker needs is refused by name', async () => {
    const { command, noted } = programs({
      plugin: project({ web: { image: 'ping', environment: { HOME: '', DOCKER_CONFIG: '' } } }),
    });
    expect(await command(...CONFIG, 'app')).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'swarmroll: service web: environment.HOME: docker needs this variable, and would put its own value here: write a value, or leave the variable out; nothing was sent\n',
    });
    expect(noted('ran')).not.toContain('stack config');
  });
});

describe('on a runner of GitHub, which reads lines as commands', () => {
  const file = (text: string) =>
    programs({
      plugin: project({ web: { image: 'ping', labels: { text } } }),
      env: { GITHUB_ACTIONS: 'true' },
    });
  const COMMAND = '##[group]x';

  test('a file that has none is printed as it is', async () => {
    const { command } = file('::1 localhost');
    const { code, stdout } = await command(...CONFIG, 'app');
    expect({ code, file: JSON.parse(stdout) as unknown }).toEqual({
      code: 0,
      file: { services: { web: { image: 'ping', labels: { text: '::1 localhost' } } } },
    });
  });

  test('a file that has one is not printed', async () => {
    const { command } = file(COMMAND);
    expect(await command(...CONFIG, 'app')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'swarmroll: a runner of GitHub would take a line of the stack file for a workflow command: it is not printed\n  write it to a file, with > stack.yml\n',
    });
  });

  test('a file is written as it is', async () => {
    const { changes } = file(COMMAND);
    let written = '';
    const stdout = { isFile: true, write: (text: string) => (written += text) };
    const { code } = await run([...CONFIG, 'app'], { changes: { ...changes, stdout } });
    expect(code).toBe(0);
    expect(written).toContain(`"text":"${COMMAND}"`);
  });
});

test('what is ignored is one warning, and the name of the stack is that of the files if none is given', async () => {
  const { command } = programs({
    plugin: project(
      { web: { image: 'ping', build: { context: '.' } }, db: { image: 'ping', container_name: 'db' } },
      { networks: { default: { name: 'app_default', ipam: {} } } },
    ),
  });
  const { code, stdout, stderr } = await command(...CONFIG);
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr:
      'swarmroll: warning: ignored, because a swarm has no use for it: service web: build; service db: container_name\n',
  });
  expect(JSON.parse(stdout)).toEqual({
    networks: { default: {} },
    services: { web: { image: 'ping' }, db: { image: 'ping' } },
  });
});

test('content and variables are files that only this user can read', async () => {
  const { command, folder, noted } = programs({
    plugin: project(
      { web: { image: 'ping' } },
      {
        configs: { a: { content: 'a $$b' } },
        secrets: { s: { environment: 'KEY' }, t: { environment: 'KEY' } },
      },
    ),
    variables: { SET_0: 'set', VALUE_0: 'v$$alue\n', SET_1: 'set', VALUE_1: 'v$$alue\n' },
  });
  const { code, stdout, stderr } = await command(...CONFIG, '--files', 'files', 'app');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const file = (name: string): string => join(folder, 'files', name);
  expect(JSON.parse(stdout)).toEqual({
    services: { web: { image: 'ping' } },
    configs: { a: { file: file('config-a') } },
    secrets: { s: { file: file('secret-s') }, t: { file: file('secret-t') } },
  });
  expect(readFileSync(file('config-a'), 'utf8')).toBe('a $b');
  expect(readFileSync(file('secret-s'), 'utf8')).toBe('v$alue\n');
  expect(statSync(file('secret-s')).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'files')).mode & 0o777).toBe(0o700);
  expect(noted('asked')).toContain('${KEY+set}');
});

describe('the folder of --files', () => {
  const withContent = () =>
    programs({ plugin: project({ web: { image: 'ping' } }, { configs: { a: { content: 'new' } } }) });

  test('files that were there are replaced, links are not followed', async () => {
    const { command, folder } = withContent();
    const [old, other] = [join(folder, 'files/config-a'), join(folder, 'other')];
    mkdirSync(join(folder, 'files'));
    writeFileSync(other, 'of somebody else');
    symlinkSync(other, old);
    expect(await command(...CONFIG, '--files', 'files', 'app')).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(other, 'utf8')).toBe('of somebody else');
    expect(readFileSync(old, 'utf8')).toBe('new');
    chmodSync(old, 0o644);
    expect(await command(...CONFIG, '--files', 'files', 'app')).toMatchObject({ code: 0, stderr: '' });
    expect(statSync(old).mode & 0o777).toBe(0o600);
  });

  test('one that cannot be written is told', async () => {
    const { command, folder } = withContent();
    writeFileSync(join(folder, 'files'), '');
    expect(await command(...CONFIG, '--files', 'files', 'app')).toEqual({
      code: 1,
      stdout: '',
      stderr: `swarmroll: cannot write the files for configs and secrets to ${join(folder, 'files')}: EEXIST\n  name a folder that you can write with --files\n`,
    });
  });
});
