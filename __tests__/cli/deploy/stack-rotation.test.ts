/** `stack deploy` of configs and secrets with other content: what is stored, what is told, what is left in the end. */
import { describe, expect, test } from '@jest/globals';
import type { ConfigReference, SecretReference, ServiceSpec } from '../../../src/api/service.ts';
import type { ComposeFile } from '../../support/fake-engine/docker.ts';
import type { FakeEngine } from '../../support/fake-engine/engine.ts';
import { answer } from '../../support/fake-engine/faults.ts';
import { violations } from '../../support/schema.ts';
import { spec, stackEngine } from '../../support/stack-engine.ts';

const data = (text: string): string => Buffer.from(text).toString('base64');
const file = (Name: string) => ({ Name, UID: '0', GID: '0', Mode: 0o440 });

/** A service that has the config "app_conf" as these files, and the secret "app_key". */
function using(image: string, { configs = ['/conf'], secrets = ['key'] } = {}): ServiceSpec {
  const Configs = configs.map((name): ConfigReference => ({ ConfigName: 'app_conf', File: file(name) }));
  const Secrets = secrets.map((name): SecretReference => ({ SecretName: 'app_key', File: file(name) }));
  const whole = spec(image);
  return {
    ...whole,
    TaskTemplate: { ...whole.TaskTemplate, ContainerSpec: { Image: image, Configs, Secrets } },
  };
}

/** A file with one service. */
const compose = (config: string, secret: string, more: object = {}, image = 'ping:1.0'): ComposeFile => ({
  services: { web: using(image) },
  configs: { conf: { Data: data(config), ...more } },
  secrets: { key: { Data: data(secret) } },
});

/** The names of what is stored. */
const names = ({ objects }: FakeEngine): string[] =>
  [...objects.configs, ...objects.secrets].map(({ Spec }) => Spec.Name ?? '').sort();
const referencesOf = (engine: FakeEngine, service: string) => {
  const { Configs, Secrets } = engine.stored(service).Spec.TaskTemplate.ContainerSpec ?? {};
  return { configs: Configs ?? [], secrets: Secrets ?? [] };
};
/** The data that a service gets: of each config and secret that it refers to. */
function dataFor(engine: FakeEngine, service: string): string[] {
  const { configs, secrets } = referencesOf(engine, service);
  const ids = [...configs.map(({ ConfigID }) => ConfigID), ...secrets.map(({ SecretID }) => SecretID)];
  const all = [...engine.objects.configs, ...engine.objects.secrets];
  return ids.map((id) => {
    const text = all.find(({ ID }) => ID === id)?.Spec['Data'];
    return Buffer.from(String(text), 'base64').toString();
  });
}
/** What an object with this name contains. */
function dataOf({ objects }: FakeEngine, name: string): string {
  const found = [...objects.configs, ...objects.secrets].find(({ Spec }) => Spec.Name === name);
  return Buffer.from(String(found?.Spec['Data']), 'base64').toString();
}
const posts = ({ requests }: FakeEngine): string[] => requests.filter((line) => !line.startsWith('GET '));

const CONFIG_NAME = /^app_conf_[0-9a-f]{8}$/;
const SECRET_NAME = /^app_key_[0-9a-f]{8}$/;

describe('a config and a secret with other data', () => {
  test('are stored under other names; the files stay; the same again sends only the secret', async () => {
    const { engine, deployFile } = stackEngine();
    expect((await deployFile(compose('a', 'x'))).code).toBe(0);
    expect(names(engine)).toEqual(['app_conf', 'app_key']);
    const before = referencesOf(engine, 'app_web');

    const { code, stderr } = await deployFile(compose('b', 'y'));
    expect(code).toBe(0);
    expect(dataFor(engine, 'app_web')).toEqual(['b', 'y']);
    const after = referencesOf(engine, 'app_web');
    expect(after.configs[0]).toEqual({
      ...before.configs[0],
      ConfigID: expect.any(String),
      ConfigName: expect.stringMatching(CONFIG_NAME),
    });
    expect(after.secrets[0]).toEqual({
      ...before.secrets[0],
      SecretID: expect.any(String),
      SecretName: expect.stringMatching(SECRET_NAME),
    });
    const [config] = after.configs;
    expect(stderr).toContain(`config app_conf: rotated to ${config?.ConfigName ?? ''} (data differs)\n`);
    expect(stderr).toContain('app_web: changed\n');
    expect(engine.objects.configs[1]?.Spec.Labels).toMatchObject({ 'swarmroll.of': 'app_conf' });
    // The previous spec refers to the old ones.
    expect(names(engine)).toHaveLength(4);

    const sent = posts(engine).length;
    const again = await deployFile(compose('b', 'y'));
    expect(again.code).toBe(0);
    expect(again.stderr).toContain('app_web: unchanged\n');
    expect(posts(engine).slice(sent)).toEqual([expect.stringMatching(/^POST .*\/secrets\/\S+\/update/)]);
  });

  test('going back to old data finds the old objects', async () => {
    const { engine, deployFile } = stackEngine();
    for (const [config, secret] of [
      ['a', 'x'],
      ['b', 'y'],
      ['a', 'x'],
    ] as const)
      expect((await deployFile(compose(config, secret))).code).toBe(0);
    expect(dataFor(engine, 'app_web')).toEqual(['a', 'x']);
    expect(referencesOf(engine, 'app_web')).toMatchObject({
      configs: [{ ConfigName: 'app_conf' }],
      secrets: [{ SecretName: 'app_key' }],
    });
    expect(names(engine)).toHaveLength(4);
  });

  test('only the services that use it are replaced, with each of its files', async () => {
    const { engine, deployFile } = stackEngine();
    const services = {
      both: using('ping:1.0', { configs: ['/a', '/b'] }),
      other: spec('ping:1.0'),
      web: using('ping:1.0'),
    };
    await deployFile({ ...compose('a', 'x'), services });
    const other = engine.stored('app_other');
    const { code, stderr } = await deployFile({ ...compose('b', 'x'), services });
    expect(code).toBe(0);
    expect(stderr).toContain('app_both: changed\napp_other: unchanged\napp_web: changed\n');
    expect(engine.stored('app_other').Version).toEqual(other.Version);
    expect(dataFor(engine, 'app_both')).toEqual(['b', 'b', 'x']);
    expect(referencesOf(engine, 'app_both').configs.map(({ File }) => File)).toEqual([
      file('/a'),
      file('/b'),
    ]);
  });

  test('no value of a secret and no hash of it is told, also not in names and labels', async () => {
    const { createHash } = await import('node:crypto');
    const { engine, deployFile, diffFile } = stackEngine();
    const value = 'correct horse battery staple';
    const all = [
      await deployFile(compose('a', 'x')),
      await deployFile(compose('a', value), '--dry-run'),
      await deployFile(compose('a', value), '--dry-run', '-o', 'json'),
      await diffFile(compose('a', value)),
      await deployFile(compose('a', value), '--progress', 'json', '-o', 'json'),
    ];
    const stored = engine.objects.secrets.map(({ Spec }) => ({ ...Spec, Data: undefined }));
    const text = JSON.stringify([all, stored, engine.stored('app_web')]);
    for (const of of [value, data(value)]) {
      expect(text).not.toContain(of);
      for (const algorithm of ['sha256', 'sha1', 'md5'])
        expect(text).not.toContain(createHash(algorithm).update(of).digest('hex').slice(0, 8));
    }
  });
});

test('a template driver that changes rotates, too', async () => {
  const { engine, deployFile } = stackEngine();
  await deployFile(compose('a', 'x'));
  const { stderr } = await deployFile(compose('a', 'x', { Templating: { Name: 'golang' } }));
  expect(stderr).toMatch(/config app_conf: rotated to app_conf_[0-9a-f]{8} \(template_driver differs\)\n/);
  expect(dataFor(engine, 'app_web')).toEqual(['a', 'x']);
  expect(engine.objects.configs[1]?.Spec['Templating']).toEqual({ Name: 'golang' });
});

test('other labels of a rotated secret are stored, and nothing is replaced', async () => {
  const { engine, deployFile } = stackEngine();
  await deployFile(compose('a', 'x'));
  await deployFile(compose('a', 'y'));
  const { Version } = engine.stored('app_web');
  const labelled = { ...compose('a', 'y'), secrets: { key: { Data: data('y'), Labels: { team: 'red' } } } };
  expect((await deployFile(labelled)).stderr).toMatch(/secret app_key_[0-9a-f]{8}: updated\n/);
  expect(engine.stored('app_web').Version).toEqual(Version);
  const labels = engine.objects.secrets.map(({ Spec }) => Spec.Labels?.['team']);
  expect(labels).toEqual([undefined, 'red']);
  expect(engine.objects.secrets[1]?.Spec.Labels).toMatchObject({ 'swarmroll.of': 'app_key' });
});

test('names of 64 characters that begin alike are cut, and stay distinct', async () => {
  const { engine, deployFile } = stackEngine();
  const long = ['a', 'b'].map((end) => `${'n'.repeat(64 - 'app_'.length - 1)}${end}`);
  const of = (text: string): ComposeFile => {
    const whole = spec('ping:1.0');
    const Configs = long.map((name): ConfigReference => ({ ConfigName: `app_${name}`, File: file(name) }));
    return {
      services: {
        web: {
          ...whole,
          TaskTemplate: { ...whole.TaskTemplate, ContainerSpec: { Image: 'ping:1.0', Configs } },
        },
      },
      configs: Object.fromEntries(long.map((name) => [name, { Data: data(text) }])),
    };
  };
  await deployFile(of('1'));
  expect((await deployFile(of('2'))).code).toBe(0);
  expect(dataFor(engine, 'app_web')).toEqual(['2', '2']);
  const rotated = referencesOf(engine, 'app_web').configs.map(({ ConfigName }) => ConfigName);
  expect(new Set(rotated).size).toBe(2);
  for (const name of rotated) expect(name).toHaveLength(64);
  const sent = posts(engine).length;
  await deployFile(of('2'));
  expect(posts(engine)).toHaveLength(sent);
});

describe('what is not rotated', () => {
  const CONTENT =
    'its content differs from the stored one, which cannot be changed: give it another name in the Compose file';

  test('anything, with --no-rotate: 1, and all is as it was', async () => {
    const { engine, deployFile } = stackEngine();
    await deployFile(compose('a', 'x'));
    const before = [engine.stored('app_web').Spec, names(engine)];
    const config = await deployFile(compose('b', 'x'), '--no-rotate');
    expect(config).toMatchObject({
      code: 1,
      stderr: `swarmroll: config app_conf: ${CONTENT}, or leave out --no-rotate; nothing was sent\n`,
    });
    const secret = await deployFile(compose('a', 'y'), '--no-rotate');
    expect(secret).toMatchObject({
      code: 1,
      stderr: `swarmroll: secret app_key: ${CONTENT}, or leave out --no-rotate; nothing was sent\n`,
    });
    expect([engine.stored('app_web').Spec, names(engine)]).toEqual(before);
  });

  test('a name of its own, without --rotate-named', async () => {
    const { engine, deployFile } = stackEngine();
    const named = (text: string): ComposeFile => {
      const Configs: ConfigReference[] = [{ ConfigName: 'shared', File: file('/conf') }];
      const whole = spec('ping:1.0');
      return {
        services: {
          web: {
            ...whole,
            TaskTemplate: { ...whole.TaskTemplate, ContainerSpec: { Image: 'ping:1.0', Configs } },
          },
        },
        configs: { conf: { Name: 'shared', Data: data(text) } },
      };
    };
    await deployFile(named('a'));
    const refused = await deployFile(named('b'));
    expect(refused).toMatchObject({
      code: 1,
      stderr: `swarmroll: config shared: ${CONTENT}, or use --rotate-named, if nothing outside of the stack uses this name; nothing was sent\n`,
    });
    expect((await deployFile(named('b'), '--rotate-named')).code).toBe(0);
    expect(dataFor(engine, 'app_web')).toEqual(['b']);
    // It is the current one now: there is nothing to rotate.
    expect((await deployFile(named('b'))).code).toBe(0);
  });

  test('anything that is external', async () => {
    const { engine, deployFile } = stackEngine();
    const outer = {
      ID: 'outer-id',
      Version: { Index: 7 },
      CreatedAt: '2026-01-01T00:00:00Z',
      Spec: { Name: 'outer', Labels: {}, Data: data('o') },
    };
    engine.objects.configs.push(outer);
    const withOuter = (secret: string): ComposeFile => {
      const { TaskTemplate, ...rest } = using('ping:1.0');
      const Configs: ConfigReference[] = [{ ConfigName: 'outer', File: file('/conf') }];
      const ContainerSpec = { Image: 'ping:1.0', ...TaskTemplate.ContainerSpec, Configs };
      return {
        ...compose('a', secret),
        services: { web: { ...rest, TaskTemplate: { ...TaskTemplate, ContainerSpec } } },
        configs: { outer: { external: true } },
      };
    };
    expect((await deployFile(withOuter('x'))).code).toBe(0);
    expect((await deployFile(withOuter('y'), '--rotate-named')).code).toBe(0);
    expect(dataFor(engine, 'app_web')).toEqual(['o', 'y']);
    expect(engine.objects.configs).toEqual([outer]);
  });

  test('an empty file: the engine would take it for equal', async () => {
    const { deployFile } = stackEngine();
    await deployFile(compose('a', 'x'));
    const { code, stderr } = await deployFile(compose('a', ''));
    expect(code).toBe(1);
    expect(stderr).toBe(
      'swarmroll: secret app_key: its file is empty, and the engine stores no empty one; nothing was sent\n',
    );
  });

  test('both flags: 2', async () => {
    const { deployFile } = stackEngine();
    const { code, stderr } = await deployFile(compose('a', 'x'), '--no-rotate', '--rotate-named');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('--no-rotate and --rotate-named exclude each other'),
    });
  });
});

describe('what goes wrong', () => {
  test('a service is refused: the new objects go, and the old ones are used', async () => {
    const { engine, deployFile } = stackEngine();
    await deployFile(compose('a', 'x'));
    const before = engine.stored('app_web').Spec;
    engine.inject(/^POST .*\/services\/.*update/, answer(400, { message: 'not this one' }));
    const { code, stderr } = await deployFile(compose('b', 'y'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/ {2}config app_conf_[0-9a-f]{8}: removed\n/);
    expect(stderr).toMatch(/ {2}secret app_key_[0-9a-f]{8}: removed\n/);
    expect(engine.stored('app_web').Spec).toEqual(before);
    expect(names(engine)).toEqual(['app_conf', 'app_key']);
  });

  test('--rollback-on-failure: the old ones run; the new ones stay while a task refers to them', async () => {
    const { engine, deployFile } = stackEngine();
    await deployFile(compose('a', 'x'));
    const { code, stderr } = await deployFile(compose('b', 'y', {}, 'crash:1.0'), '--rollback-on-failure');
    expect(code).toBe(3);
    expect(dataFor(engine, 'app_web')).toEqual(['a', 'x']);
    expect(stderr).toMatch(
      /config app_conf_[0-9a-f]{8}: left, because a previous spec or a task refers to it/,
    );
    expect(names(engine)).toHaveLength(4);
    // The next try uses them.
    expect((await deployFile(compose('b', 'y'))).code).toBe(0);
    expect(dataFor(engine, 'app_web')).toEqual(['b', 'y']);
    expect(names(engine)).toHaveLength(4);
  });

  test('--rollback-on-failure: of a secret that did not change, nothing is undone', async () => {
    const { deployFile } = stackEngine();
    await deployFile(compose('a', 'x'));
    const { code, stderr } = await deployFile(compose('a', 'x', {}, 'crash:1.0'), '--rollback-on-failure');
    expect(code).toBe(3);
    expect(stderr).toContain('secret app_key: unchanged\n');
    expect(stderr).not.toMatch(/secret app_key: undone/);
  });

  test('another deployment has just created the same rotation: it is used', async () => {
    const { engine, deployFile } = stackEngine();
    await deployFile(compose('a', 'x'));
    engine.inject(
      /^POST .*\/configs\/create/,
      async (pass) => {
        await pass();
        return {
          status: 409,
          body: { message: 'rpc error: code = AlreadyExists desc = config already exists' },
        };
      },
      { times: 1 },
    );
    expect((await deployFile(compose('b', 'x'))).code).toBe(0);
    expect(dataFor(engine, 'app_web')).toEqual(['b', 'x']);
  });

  test('another deployment has just written the same secret: it is equal', async () => {
    const { engine, deployFile } = stackEngine();
    await deployFile(compose('a', 'x'));
    engine.inject(
      /^POST .*\/secrets\/.*update/,
      answer(500, { message: 'rpc error: code = Unknown desc = update out of sequence' }),
    );
    expect((await deployFile(compose('a', 'x'))).code).toBe(0);
    expect(names(engine)).toEqual(['app_conf', 'app_key']);
  });
});

describe('one name twice in the file', () => {
  const twice = (one: string, other: string): ComposeFile => {
    const { TaskTemplate, ...whole } = spec('ping:1.0');
    const Configs = ['/a', '/b'].map((name) => ({ ConfigName: 'app_conf', File: file(name) }));
    const Secrets = ['a', 'b'].map((name) => ({ SecretName: 'app_key', File: file(name) }));
    const ContainerSpec = { Image: 'ping:1.0', Configs, Secrets };
    return {
      services: { web: { ...whole, TaskTemplate: { ...TaskTemplate, ContainerSpec } } },
      configs: { conf: { Data: data(one) }, again: { Name: 'app_conf', Data: data(other) } },
      secrets: { key: { Data: data(one) }, again: { Name: 'app_key', Data: data(other) } },
    };
  };

  test('and the same content: it is one object, as with docker', async () => {
    const { engine, deployFile } = stackEngine();
    expect(await deployFile(twice('a', 'a'))).toMatchObject({ code: 0, stdout: 'app_web  converged\n' });
    expect(names(engine)).toEqual(['app_conf', 'app_key']);
    expect(dataFor(engine, 'app_web')).toEqual(['a', 'a', 'a', 'a']);
    const planned = await deployFile(twice('b', 'b'), '--dry-run');
    expect(planned.stdout.match(/^rotates /gm)).toHaveLength(2);
    expect((await deployFile(twice('b', 'b'))).code).toBe(0);
    expect(dataFor(engine, 'app_web')).toEqual(['b', 'b', 'b', 'b']);
  });

  test('and other content: 1, also with --dry-run, and nothing is sent', async () => {
    const { engine, deployFile } = stackEngine();
    const text = (what: string) =>
      `${what} is twice in the Compose file, with other content or labels: give one of them another name`;
    for (const before of [undefined, twice('a', 'a')]) {
      if (before !== undefined) await deployFile(before);
      const sent = posts(engine).length;
      expect((await deployFile(twice('a', 'b'), '--dry-run')).stdout).toContain(
        `refused: ${text('config app_conf')}\n`,
      );
      const { code, stderr } = await deployFile(twice('a', 'b'));
      expect(code).toBe(1);
      expect(stderr).toBe(
        `swarmroll: ${text('secret app_key')}; ${text('config app_conf')}; nothing was sent\n`,
      );
      // A dry run asks the engine about the secret, in a way that stores nothing.
      expect(
        posts(engine)
          .slice(sent)
          .filter((line) => !line.includes('version=0')),
      ).toEqual([]);
    }
  });
});

describe('what is left over', () => {
  /** Deploys some changes. */
  const rotate = async (flags: readonly string[] = []) => {
    const { engine, deployFile } = stackEngine();
    for (let count = 0; count < 4; count += 1)
      expect((await deployFile(compose(`a${count}`, `x${count}`), ...flags)).code).toBe(0);
    return { engine, deployFile };
  };

  /** The ids that a spec, a previous spec or a task has. */
  const referred = (engine: FakeEngine): number => {
    const { Spec, PreviousSpec } = engine.stored('app_web');
    const text = JSON.stringify([Spec, PreviousSpec, engine.tasks('app_web')]);
    return new Set(text.match(/(config|secret)\d{19}/g)).size;
  };

  test('is removed when nothing refers to it any more', async () => {
    const { engine, deployFile } = await rotate();
    expect(names(engine)).toHaveLength(referred(engine));
    const old = names(engine).filter(
      (name) => dataOf(engine, name) === 'a2' || dataOf(engine, name) === 'x2',
    );
    engine.remove('app_web');
    const { code, stderr } = await deployFile(compose('a3', 'x3'));
    expect(code).toBe(0);
    expect(old).toHaveLength(2);
    for (const name of old)
      expect(stderr).toContain(`${name}: removed, because nothing refers to it any more\n`);
    expect(names(engine)).toEqual([expect.stringMatching(CONFIG_NAME), expect.stringMatching(SECRET_NAME)]);
    // docker would create app_conf and app_key again. They are found under their other names.
    const sent = posts(engine).length;
    expect((await deployFile(compose('a3', 'x3'))).stderr).toContain('app_web: unchanged\n');
    expect(posts(engine).slice(sent)).toEqual([expect.stringMatching(/^POST .*\/secrets\/\S+\/update/)]);
    expect((await deployFile(compose('a9', 'x9'))).code).toBe(0);
    expect(dataFor(engine, 'app_web')).toEqual(['a9', 'x9']);
  });

  test.each([['--keep-rotated'], ['--detach'], ['--service=web']])('stays with %s', async (flag) => {
    const { engine, deployFile } = await rotate();
    engine.remove('app_web');
    const before = names(engine);
    expect((await deployFile(compose('a3', 'x3'), flag)).code).toBe(0);
    expect(names(engine)).toEqual(before);
  });

  test('stays while a service outside of the stack uses it, and after a failure', async () => {
    const { engine, deployFile } = await rotate();
    const { configs } = referencesOf(engine, 'app_web');
    const [first] = engine.objects.configs;
    const outside = first?.Spec.Name ?? '';
    engine.given('outside', 'ping:1.0', {
      TaskTemplate: {
        ContainerSpec: {
          Image: 'ping:1.0',
          Configs: [{ ...configs[0], ConfigName: outside, ConfigID: first?.ID ?? '' }],
        },
      },
    });
    const all = names(engine);
    engine.remove('app_web');
    expect((await deployFile(compose('a3', 'x3', {}, 'crash:1.0'))).code).toBe(5);
    expect(names(engine)).toEqual(all);
    engine.remove('app_web');
    expect((await deployFile(compose('a3', 'x3'))).code).toBe(0);
    const current = [...referencesOf(engine, 'app_web').configs.map(({ ConfigName }) => ConfigName), outside];
    expect(names(engine)).toEqual([...current.sort(), expect.stringMatching(SECRET_NAME)]);
  });

  test('the engine refuses the removal: no failure, nothing is told', async () => {
    const { engine, deployFile } = await rotate();
    engine.remove('app_web');
    engine.inject(
      /^DELETE .*\/(configs|secrets)\//,
      answer(400, { message: "config 'app_conf' is in use by the following service: other" }),
    );
    const { code, stderr } = await deployFile(compose('a3', 'x3'));
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/not removed|refers to it/);
  });
});

describe('the plan', () => {
  test('says what is rotated and which tasks are replaced; nothing is stored', async () => {
    const { engine, deployFile, diffFile } = stackEngine();
    await deployFile(compose('a', 'x'));
    const before = [names(engine), engine.objects.secrets[0]?.Version];
    const planned = await deployFile(compose('b', 'y'), '--dry-run');
    expect(planned.code).toBe(0);
    expect(planned.stdout).toContain('rotates config app_conf (data differs): replaces 1 task of app_web\n');
    expect(planned.stdout).toContain('rotates secret app_key (data differs): replaces 1 task of app_web\n');
    expect(planned.stdout).toContain('app_key_<random>');

    const { code, stdout } = await diffFile(compose('b', 'x'), '-o', 'json');
    expect(code).toBe(6);
    const result: unknown = JSON.parse(stdout);
    expect(violations('result', result)).toEqual([]);
    expect(result).toMatchObject({
      objects: [
        {
          kind: 'config',
          name: 'app_conf',
          change: 'rotated',
          reason: 'data',
          stored: expect.stringMatching(CONFIG_NAME),
          services: ['app_web'],
        },
      ],
    });
    expect([names(engine), engine.objects.secrets[0]?.Version]).toEqual(before);
    expect(await diffFile(compose('a', 'x'))).toMatchObject({ code: 0, stdout: 'app_web: unchanged\n' });
  });

  test('says which stored one is used again', async () => {
    const { deployFile } = stackEngine();
    await deployFile(compose('a', 'x'));
    await deployFile(compose('b', 'y'));
    const { stdout } = await deployFile(compose('a', 'x'), '--dry-run');
    expect(stdout).toContain(
      'rotates config app_conf to app_conf, which is stored already (data differs): replaces 1 task of app_web\n',
    );
    expect(stdout).toContain(
      'rotates secret app_key to app_key, which is stored already (data differs): replaces 1 task of app_web\n',
    );
  });

  test('refuses what the deployment refuses', async () => {
    const { deployFile } = stackEngine();
    await deployFile(compose('a', 'x'));
    const { code, stdout } = await deployFile(compose('a', 'y'), '--dry-run', '--no-rotate');
    expect(code).toBe(1);
    expect(stdout).toContain(
      'refused: secret app_key: its content differs from the stored one, which cannot be changed',
    );
  });
});
