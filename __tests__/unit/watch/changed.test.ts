/** What a report shows of a change: which fields, and which values not, because they often hold credentials. */
import { expect, test } from '@jest/globals';
import type { ContainerSpec, ServiceSpec } from '../../../src/api/service.ts';
import { changedBy } from '../../../src/watch/changed.ts';
import type { ChangeToWatch } from '../../../src/watch/targets.ts';

type Changed = ReturnType<typeof changedBy>;

const changed = (was: ServiceSpec, wanted: ServiceSpec): Changed =>
  changedBy({ action: 'update', before: { Spec: was }, wanted } as ChangeToWatch);
const container = (ContainerSpec: Partial<ContainerSpec>): ServiceSpec => ({
  TaskTemplate: { ContainerSpec },
});
const cifs = (password: string): ServiceSpec =>
  container({
    Mounts: [
      {
        Type: 'volume',
        Source: 'data',
        Target: '/data',
        VolumeOptions: {
          DriverConfig: { Name: 'local', Options: { o: `username=me,password=${password}` } },
        },
      },
    ],
  });
const network = (key: string): ServiceSpec => ({
  TaskTemplate: { Networks: [{ Target: 'back', Aliases: ['db'], DriverOpts: { key } }] },
});
const NOT_SHOWN = '(not shown)';

test.each<[field: string, make: (secret: string) => ServiceSpec, shown?: string]>([
  ['env PASSWORD', (secret) => container({ Env: [`PASSWORD=${secret}`] })],
  ['args', (secret) => container({ Args: ['--password', secret] })],
  ['entrypoint', (secret) => container({ Command: ['sh', '-c', `login ${secret}`] })],
  [
    'health-cmd',
    (secret) => container({ Healthcheck: { Test: ['CMD-SHELL', `curl -u me:${secret} localhost`] } }),
  ],
  ['health-cmd', (secret) => container({ Healthcheck: { Test: ['CMD', 'check', secret] } })],
  [
    'log-opt splunk-token',
    (secret) => ({ TaskTemplate: { LogDriver: { Name: 'splunk', Options: { 'splunk-token': secret } } } }),
  ],
  [
    'mount /data',
    cifs,
    `type=volume,source=data,VolumeOptions.DriverConfig.Name=local,VolumeOptions.DriverConfig.Options=${NOT_SHOWN}`,
  ],
  ['network', network, `name=back,alias=db,driver-opt=${NOT_SHOWN}`],
])('the value of %s is not shown (%#)', (field, make, shown = NOT_SHOWN) => {
  expect(changed(make('hunter2'), make('hunter3,x=hunter4'))).toEqual([
    { field, before: shown, after: shown },
  ]);
});

test.each<[field: string, was: ServiceSpec, is: ServiceSpec]>([
  [
    'env order',
    container({ Env: ['A=hunter2', 'B=hunter3'] }),
    container({ Env: ['B=hunter3', 'A=hunter2'] }),
  ],
  [
    'mount order',
    container({
      Mounts: [
        ...(cifs('hunter2').TaskTemplate.ContainerSpec?.Mounts ?? []),
        { Type: 'bind', Source: '/a', Target: '/a' },
      ],
    }),
    container({
      Mounts: [
        { Type: 'bind', Source: '/a', Target: '/a' },
        ...(cifs('hunter2').TaskTemplate.ContainerSpec?.Mounts ?? []),
      ],
    }),
  ],
  [
    'network order',
    { TaskTemplate: { Networks: [...(network('hunter2').TaskTemplate.Networks ?? []), { Target: 'a' }] } },
    { TaskTemplate: { Networks: [{ Target: 'a' }, ...(network('hunter2').TaskTemplate.Networks ?? [])] } },
  ],
])('nor those of %s where only their order differs', (field, was, is) => {
  const found = changed(was, is);
  expect(found).toMatchObject([{ field }]);
  expect(JSON.stringify(found)).not.toContain('hunter');
});

test.each<[field: string, make: (value: string) => ServiceSpec]>([
  ['image', (Image) => container({ Image })],
  ['label team', (team) => ({ Labels: { team }, TaskTemplate: {} })],
  ['dns-option', (option) => container({ DNSConfig: { Options: [option] } })],
  ['log-driver', (Name) => ({ TaskTemplate: { LogDriver: { Name } } })],
  ['user', (User) => container({ User })],
])('that of %s is shown', (field, make) => {
  expect(changed(make('one'), make('two'))).toEqual([{ field, before: 'one', after: 'two' }]);
});

test('nothing was sent: nothing has changed', () => {
  const change = { action: 'update', before: { Spec: container({}) }, wanted: container({ User: 'x' }) };
  expect(changedBy({ ...change, posted: false } as ChangeToWatch)).toEqual([]);
  expect(changedBy({ ...change, action: 'wait' } as ChangeToWatch)).toEqual([]);
});
