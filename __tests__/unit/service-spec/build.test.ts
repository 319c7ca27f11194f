import { describe, expect, test } from '@jest/globals';
import { unsupportedFlagError } from '../../../src/service-spec/api-version.ts';
import { CREATE_FLAGS, UPDATE_FLAGS } from '../../../src/service-spec/build.ts';
import type { Given } from '../../../src/command-line/flag.ts';
import { created, running, updated } from './support/build.ts';

describe('an update changes nothing but what its flags name', () => {
  const stored = {
    ...running({
      Image: 'nginx',
      Mounts: [
        { Type: 'volume', Source: 'z', Target: '/z' },
        { Type: 'volume', Source: 'a', Target: '/a', Unknown: { nested: [1] } },
      ],
      Env: ['B=1', 'A=1'],
      UnknownField: { nested: [{ x: null }] },
    }),
    AnotherUnknownField: 'kept',
  };

  test('other fields stay byte for byte, and so do unknown fields', async () => {
    const after = await updated(stored, '--label-add', 'a=1');
    expect(JSON.stringify({ ...after, Labels: undefined })).toBe(JSON.stringify(stored));
    expect(after.Labels).toEqual({ a: '1' });
  });

  test('the object of the stored spec is not modified', async () => {
    const before = JSON.stringify(stored);
    await updated(stored, '--env-rm', 'A', '--mount-rm', '/a', '--force');
    expect(JSON.stringify(stored)).toBe(before);
  });
});

describe('environment', () => {
  test('files come before --env; a name without a value gets the local value', async () => {
    const spec = await created('-e', 'B=last', '-e', 'NOT_SET', '-e', 'PASSED', '--env-file', 'odd.env');
    expect(spec.TaskTemplate.ContainerSpec?.Env).toEqual(['PASSED=on', 'A=3', 'B=last', 'NOT_SET']);
  });

  test('a changed variable keeps its position', async () => {
    const after = await updated(running({ Env: ['A=1', 'B=1'] }), '--env-add', 'A=2', '--env-add', 'C');
    expect(after.TaskTemplate.ContainerSpec?.Env).toEqual(['A=2', 'B=1', 'C']);
  });

  test.each<[string, string[], string[]]>([
    ['an equal entry is stored once, in the first position', ['A=1', 'B=1', 'A=1'], ['A=1', 'B=1']],
    ['another value replaces every value before', ['A=1', 'A=1', 'B=1', 'A=2'], ['B=1', 'A=2']],
    ['the first value comes back in the last position', ['A=1', 'B=1', 'A=2', 'A=1'], ['B=1', 'A=1']],
    ['a name without a value is another entry', ['C', 'C=1', 'C'], ['C', 'C=1']],
  ])('on create, %s', async (_, given, stored) => {
    const spec = await created(...given.flatMap((entry) => ['-e', entry]));
    expect(spec.TaskTemplate.ContainerSpec?.Env).toEqual(stored);
  });

  test.each([
    ['no-such.env', /there is no such file/],
    ['blank.env', /line 1 has whitespace in the variable name "BAD NAME"/],
  ])('--env-file %s is refused with a reason', async (file, reason) => {
    await expect(created('--env-file', file)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(reason) as unknown,
    });
  });
});

describe('DNS on update, as docker 29', () => {
  const stored = {
    Nameservers: ['10.0.0.2', '9.9.9.9'],
    Search: ['b.example', 'a.example', 'b.example'],
    Options: ['ndots:2'],
  };
  test.each<[string, string[], object]>([
    [
      'name servers are sorted by address, IPv4 before IPv6',
      ['--dns-add', '2001:DB8::1', '--dns-add', '8.8.8.8', '--dns-add', '2001:db8::', '--dns-add', '9.9.9.9'],
      { Nameservers: ['8.8.8.8', '9.9.9.9', '10.0.0.2', '2001:db8::', '2001:db8::1'] },
    ],
    [
      'a server is removed',
      ['--dns-rm', '9.9.9.9', '--dns-add', 'fe80::1', '--dns-add', '::1'],
      { Nameservers: ['10.0.0.2', '::1', 'fe80::1'] },
    ],
    [
      'an option that is there but not next to the added one is stored twice',
      ['--dns-option-add', 'edns0', '--dns-option-add', 'ndots:2'],
      { Options: ['edns0', 'ndots:2', 'ndots:2'] },
    ],
    [
      'the same with a flag that removes another one',
      ['--dns-option-add', 'edns0', '--dns-option-add', 'ndots:2', '--dns-option-rm', 'x', '--dns-rm', 'x'],
      { Options: ['edns0', 'ndots:2', 'ndots:2'] },
    ],
    [
      'an option next to an equal one is stored once',
      ['--dns-option-add', 'ndots:2'],
      { Options: ['ndots:2'] },
    ],
    [
      'domains are sorted, and removed wherever they are',
      ['--dns-search-add', 'a.b', '--dns-search-rm', 'b.example'],
      { Search: ['a.b', 'a.example'] },
    ],
  ])('%s', async (_, flags, changed) => {
    const after = await updated(running({ DNSConfig: stored }), ...flags);
    const sorted = {
      Nameservers: ['9.9.9.9', '10.0.0.2'],
      Search: ['a.example', 'b.example', 'b.example'],
      Options: ['ndots:2'],
    };
    expect(after.TaskTemplate.ContainerSpec?.DNSConfig).toEqual({ ...sorted, ...changed });
  });
});

describe('ports', () => {
  const published = (PublishedPort: number, TargetPort: number) => ({
    Protocol: 'tcp',
    TargetPort,
    PublishedPort,
    PublishMode: 'ingress',
  });

  test('a range of ports is stored in ascending order', async () => {
    const spec = await created('-p', '8080-8082:80-82');
    expect(spec.EndpointSpec?.Ports).toEqual([published(8080, 80), published(8081, 81), published(8082, 82)]);
  });

  test('one command line cannot remove a stored port and add the same port again', async () => {
    const stored = { ...running({}), EndpointSpec: { Ports: [published(8080, 80)] } };
    expect(
      (await updated(stored, '--publish-rm', '80', '--publish-add', '8080:80')).EndpointSpec?.Ports,
    ).toEqual([]);
    expect(
      (await updated(stored, '--publish-rm', '80', '--publish-add', '9090:80')).EndpointSpec?.Ports,
    ).toEqual([published(9090, 80)]);
  });
});

describe('capabilities on update, of a service that drops CAP_CHOWN', () => {
  test.each<[string, string[], string[], string[]]>([
    ['to add a dropped capability only removes it from that list', ['--cap-add', 'chown'], [], []],
    [
      'to add it twice in one command line is the same as once',
      ['--cap-add', 'chown', '--cap-add', 'CAP_CHOWN'],
      [],
      [],
    ],
    ['to add another capability', ['--cap-add', 'kill'], ['CAP_KILL'], ['CAP_CHOWN']],
    [
      'a capability that is added and dropped is added',
      ['--cap-add', 'kill', '--cap-drop', 'kill'],
      ['CAP_KILL'],
      ['CAP_CHOWN'],
    ],
    ['ALL replaces every other capability', ['--cap-drop', 'all', '--cap-drop', 'kill'], [], ['ALL']],
    ['RESET empties the list', ['--cap-drop', 'reset', '--cap-drop', 'kill'], [], ['CAP_KILL']],
  ])('%s', async (_, flags, added, dropped) => {
    const after = await updated(running({ CapabilityDrop: ['CAP_CHOWN'] }), ...flags);
    expect(after.TaskTemplate.ContainerSpec).toMatchObject({ CapabilityAdd: added, CapabilityDrop: dropped });
  });
});

test.each<[string, string[]]>([
  ['one', ['10.0.0.2 two alias']],
  ['one:::1', ['10.0.0.1 one', '10.0.0.2 two alias']],
  ['alias', ['10.0.0.1 one', '10.0.0.2 two', '::1 one']],
  ['two:10.0.0.9', ['10.0.0.1 one', '10.0.0.2 two alias', '::1 one']],
])('--host-rm %s', async (host, left) => {
  const hosts = ['10.0.0.1 one', '10.0.0.2 two alias', '::1 one'];
  const after = await updated(running({ Hosts: hosts }), '--host-rm', host);
  expect(after.TaskTemplate.ContainerSpec?.Hosts).toEqual(left);
});

test('networks in the deprecated field are moved to the task template, sorted by ID', async () => {
  const stored = { ...running({}), Networks: [{ Target: 'id-of-m' }] };
  const after = await updated(stored, '--network-add', 'z', '--network-add', 'a');
  expect(after.Networks).toBeUndefined();
  expect(after.TaskTemplate.Networks).toEqual([
    { Target: 'id-of-a' },
    { Target: 'id-of-m' },
    { Target: 'id-of-z' },
  ]);
});

test.each<[string[], RegExp]>([
  [['--mode', 'global', '--replicas', '2'], /--replicas/],
  [['--max-concurrent', '2'], /--max-concurrent/],
  [['--mode', 'global-job', '--update-delay', '1s'], /--update-/],
  [['--no-healthcheck', '--health-interval', '0s'], /--no-healthcheck/],
  [['--generic-resource', 'gpu=1', '--generic-resource', 'gpu=2'], /"gpu"/],
])('%j is refused', async (flags, reason) => {
  await expect(created(...flags)).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringMatching(reason) as unknown,
  });
});

test('bind-recursive does not accept the names of inherited JavaScript properties', () => {
  const mount = 'type=bind,src=/a,dst=/b,bind-recursive=constructor';
  expect(() => created('--mount', mount)).toThrow('must be one of enabled, disabled, writable, readonly');
});

test('a flag that the engine does not support is refused with both API versions', () => {
  const flag = CREATE_FLAGS.find(({ name }) => name === 'memory-swap');
  const given: Given = { has: (one) => one === flag, get: () => undefined };
  expect(unsupportedFlagError(given, CREATE_FLAGS, '1.51', 'the engine has')?.message).toBe(
    '--memory-swap needs API version 1.52, but the engine has 1.51',
  );
  expect(unsupportedFlagError(given, CREATE_FLAGS, '1.52', 'the engine has')).toBeUndefined();
  expect(unsupportedFlagError(given, CREATE_FLAGS, '2.0', 'the engine has')).toBeUndefined();
});

test('no two flags of a command have the same name or the same short name', () => {
  for (const flags of [CREATE_FLAGS, UPDATE_FLAGS]) {
    const names = flags.flatMap(({ name, short }) => (short === undefined ? [name] : [name, short]));
    expect(names.filter((name, index) => names.indexOf(name) < index)).toEqual([]);
  }
});
