/** What the engine drops from requests in older versions of the API. */
import { expect, test } from '@jest/globals';
import type { ServiceSpec } from '../../../src/api/service.ts';
import { SPEC_FLAGS } from '../../../src/service-spec/build.ts';
import { FIELDS_SINCE, droppedFields } from '../../../src/service-spec/dropped-fields.ts';

const full: ServiceSpec = {
  Mode: { ReplicatedJob: {} },
  TaskTemplate: {
    ContainerSpec: {
      Sysctls: { a: '' },
      Privileges: { CredentialSpec: { Config: 'c' }, Seccomp: { Mode: 'unconfined' }, NoNewPrivileges: true },
      Configs: [{ ConfigName: 'c', Runtime: {} }],
      CapabilityAdd: ['CAP_NET_ADMIN'],
      CapabilityDrop: ['ALL'],
      Ulimits: [{ Name: 'nofile' }],
      Healthcheck: { StartInterval: 1 },
      Mounts: [{ Type: 'tmpfs' }, { Type: 'tmpfs', TmpfsOptions: { Options: [['exec']] } }],
      OomScoreAdj: -1,
    },
    Resources: { Limits: { Pids: 1 }, SwapBytes: 0, MemorySwappiness: 0 },
    Placement: { MaxReplicas: 1 },
  },
};
const empty: ServiceSpec = {
  Mode: { Replicated: { Replicas: 1 } },
  TaskTemplate: {
    ContainerSpec: {
      Sysctls: {},
      Privileges: { CredentialSpec: null, NoNewPrivileges: false },
      Configs: [{ ConfigName: 'c', File: { Name: 'c', UID: '0', GID: '0', Mode: 0 } }],
      CapabilityAdd: [],
      Ulimits: null,
      Healthcheck: { StartInterval: 0 },
      Mounts: [{ Type: 'tmpfs', TmpfsOptions: {} }],
      OomScoreAdj: 0,
    },
    Resources: { Limits: { Pids: 0 } },
    Placement: { MaxReplicas: 0 },
  },
};
const dropped = (spec: ServiceSpec, version: string): string[] =>
  droppedFields(spec, version).map(({ name }) => name);

const OF_1_52 = ['memory-swap', 'memory-swappiness'];
const OF_1_46 = ['options of a tmpfs mount', 'oom-score-adj', ...OF_1_52];
const OF_1_44 = ['seccomp profile', 'no-new-privileges', 'health-start-interval', ...OF_1_46];
const OF_1_41 = ['cap-add', 'cap-drop', 'ulimit', 'limit-pids', 'mode replicated-job', ...OF_1_44];
const OF_1_40 = [
  ...['sysctl', 'credential-spec', 'config of the credential-spec', 'replicas-max-per-node'],
  ...OF_1_41,
];

test.each([
  ['1.24', OF_1_40],
  ['1.39', OF_1_40],
  ['1.40', OF_1_41],
  ['1.43', OF_1_44],
  ['1.45', OF_1_46],
  ['1.51', OF_1_52],
  ['1.52', []],
])('%s', (version, names) => {
  expect(dropped(full, version)).toEqual(names);
  expect(dropped(empty, version)).toEqual([]);
});

test('the fields of a flag that needs a version of the API are dropped by older ones', () => {
  const needed = SPEC_FLAGS.flatMap(({ since, shows = [] }) =>
    since === undefined ? [] : shows.map(({ path }) => [path, since]),
  );
  expect(needed).toHaveLength(4);
  const dropped = new Map(FIELDS_SINCE.map(([version, path]) => [path, version]));
  for (const [path = '', since] of needed) expect([path, dropped.get(path)]).toEqual([path, since]);
});
