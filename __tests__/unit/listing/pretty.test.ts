/** inspect --pretty, compared with the output of the real docker client for the same services. */
import { describe, expect, test } from '@jest/globals';
import { prettyService } from '../../../src/listing/pretty.ts';
import type { Service, ServiceSpec } from '../../../src/api/service.ts';
import { exactNumber } from '../../../src/values/integer.ts';
import { NOW, fixture, full, swarm } from '../support/reading.ts';

const networks = new Map(swarm.networks.map(({ Id = '', Name = '' }) => [Id, Name]));

test('services with all fields and services with few fields are printed as docker prints them', () => {
  const texts = swarm.services.map((service) => prettyService(service, networks, NOW));
  expect(texts.join('')).toBe(fixture('pretty.txt'));
});

const pretty = (change: Partial<Service>, spec: Partial<ServiceSpec> = {}): string =>
  prettyService({ ...full, ...change, Spec: { ...full.Spec, ...spec } }, networks, NOW);

describe('the mode', () => {
  test.each([
    [{ Replicated: { Replicas: 0 } }, 'Service Mode:\tReplicated\n Replicas:\t0\n'],
    [{ Replicated: {} }, 'Service Mode:\tReplicated\nUpdateStatus:'],
    [{ Global: {} }, 'Service Mode:\tGlobal\nUpdateStatus:'],
    [{ ReplicatedJob: { TotalCompletions: 3 } }, 'Service Mode:\nUpdateStatus:'],
    [{ GlobalJob: {} }, 'Service Mode:\nUpdateStatus:'],
  ])('%j', (Mode, text) => expect(pretty({}, { Mode })).toContain(text));
});

describe('the update status', () => {
  const StartedAt = new Date(NOW - 90_000).toISOString();
  test('an update in progress has no completion time', () => {
    const UpdateStatus = { State: 'updating', StartedAt, Message: 'update in progress' } as const;
    expect(pretty({ UpdateStatus })).toContain(
      'UpdateStatus:\n State:\t\tupdating\n Started:\tAbout a minute ago\n Message:\tupdate in progress\nPlacement:',
    );
  });
  test('a paused update has no completion time', () => {
    const UpdateStatus = { State: 'paused', StartedAt, CompletedAt: StartedAt, Message: 'm' } as const;
    expect(pretty({ UpdateStatus })).not.toContain('Completed');
  });
});

test('64-bit numbers that a double would round are printed as docker prints them', () => {
  const [size, nano] = [exactNumber(2n ** 56n), exactNumber(2n ** 63n - 1n)];
  const TaskTemplate = {
    ContainerSpec: { Healthcheck: { Interval: nano } },
    Resources: { Limits: { NanoCPUs: nano, MemoryBytes: size, Pids: nano } },
  };
  const text = pretty(
    {},
    { TaskTemplate, UpdateConfig: { Parallelism: 1, MaxFailureRatio: 0, Delay: nano } },
  );
  expect(text).toContain(' Delay:\t\t2562047h47m16.854775807s\n');
  expect(text).toContain(
    '  CPU:\t\t9.223372036854776e+09\n  Memory:\t64PiB\n  PIDs:\t\t9223372036854775807\n',
  );
  expect(text).toContain('  Interval = 2562047h47m16.854775807s\n');
});

test('a service of a plugin has no container spec', () => {
  const TaskTemplate = { Runtime: 'plugin' };
  expect(pretty({}, { TaskTemplate })).toContain('ContainerSpec:\n Image:\t\t\nEndpoint Mode:\tvip\n');
});
