/** inspect --pretty, against the real docker client's page of the same services. */
import { describe, expect, test } from '@jest/globals';
import { prettyService } from '../../../src/service-spec/pretty.ts';
import type { Service, ServiceSpec } from '../../../src/api/service.ts';
import { exactly } from '../../../src/values/integer.ts';
import { NOW, fixture, full, swarm } from '../support/reading.ts';

const networks = new Map(swarm.networks.map(({ Id = '', Name = '' }) => [Id, Name]));

test('docker’s page, of services with everything and with nothing', () => {
  const pages = swarm.services.map((service) => prettyService(service, networks, NOW));
  expect(pages.join('')).toBe(fixture('pretty.txt'));
});

const page = (change: Partial<Service>, spec: Partial<ServiceSpec> = {}): string =>
  prettyService({ ...full, ...change, Spec: { ...full.Spec, ...spec } }, networks, NOW);

describe('the mode', () => {
  test.each([
    [{ Replicated: { Replicas: 0 } }, 'Service Mode:\tReplicated\n Replicas:\t0\n'],
    [{ Replicated: {} }, 'Service Mode:\tReplicated\nUpdateStatus:'],
    [{ Global: {} }, 'Service Mode:\tGlobal\nUpdateStatus:'],
    [{ ReplicatedJob: { TotalCompletions: 3 } }, 'Service Mode:\nUpdateStatus:'],
    [{ GlobalJob: {} }, 'Service Mode:\nUpdateStatus:'],
  ])('%j', (Mode, text) => expect(page({}, { Mode })).toContain(text));
});

describe('the update', () => {
  const StartedAt = new Date(NOW - 90_000).toISOString();
  test('under way has no end', () => {
    const UpdateStatus = { State: 'updating', StartedAt, Message: 'update in progress' } as const;
    expect(page({ UpdateStatus })).toContain(
      'UpdateStatus:\n State:\t\tupdating\n Started:\tAbout a minute ago\n Message:\tupdate in progress\nPlacement:',
    );
  });
  test('that was paused has none either', () => {
    const UpdateStatus = { State: 'paused', StartedAt, CompletedAt: StartedAt, Message: 'm' } as const;
    expect(page({ UpdateStatus })).not.toContain('Completed');
  });
});

test('numbers that a double would round, as an engine can hold them', () => {
  const [size, nano] = [exactly(2n ** 56n), exactly(2n ** 63n - 1n)];
  const TaskTemplate = {
    ContainerSpec: { Healthcheck: { Interval: nano } },
    Resources: { Limits: { NanoCPUs: nano, MemoryBytes: size, Pids: nano } },
  };
  const text = page({}, { TaskTemplate, UpdateConfig: { Parallelism: 1, MaxFailureRatio: 0, Delay: nano } });
  expect(text).toContain(' Delay:\t\t2562047h47m16.854775807s\n');
  expect(text).toContain(
    '  CPU:\t\t9.223372036854776e+09\n  Memory:\t64PiB\n  PIDs:\t\t9223372036854775807\n',
  );
  expect(text).toContain('  Interval = 2562047h47m16.854775807s\n');
});

test('a plugin has no container', () => {
  const TaskTemplate = { Runtime: 'plugin' };
  expect(page({}, { TaskTemplate })).toContain('ContainerSpec:\n Image:\t\t\nEndpoint Mode:\tvip\n');
});
