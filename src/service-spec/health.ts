/** How the engine finds out that a container is well. */
import { usageError } from '../errors.ts';
import type { Healthcheck, ServiceSpec } from '../api/service.ts';
import { boolean, int, positiveDuration, string } from '../values/value.ts';
import { assign } from './change.ts';
import { container } from './draft.ts';
import { onBoth, specFlag } from './flag.ts';
import type { Given } from '../command-line/flag.ts';

/** The check; a disabled one is enabled by the first flag that touches it. */
function check(draft: ServiceSpec): Healthcheck {
  const spec = container(draft);
  const found = (spec.Healthcheck ??= {});
  if (found.Test?.[0] === 'NONE') found.Test = null;
  return found;
}

const healthCmd = specFlag({
  name: 'health-cmd',
  type: string,
  group: 'Health',
  help: 'Command to run to check health',
  since: '1.25',
  create: (draft, command) => {
    if (command !== '') check(draft).Test = ['CMD-SHELL', command];
  },
  update: (draft, command) => {
    check(draft).Test = command === '' ? null : ['CMD-SHELL', command];
  },
});

const healthInterval = onBoth({
  name: 'health-interval',
  type: positiveDuration,
  group: 'Health',
  help: 'Time between running the check',
  since: '1.25',
  change: assign(check, 'Interval'),
});

const healthRetries = specFlag({
  name: 'health-retries',
  type: int,
  group: 'Health',
  help: 'Consecutive failures needed to report unhealthy',
  since: '1.25',
  create: (draft, count) => {
    if (count !== 0) check(draft).Retries = count;
  },
  update: assign(check, 'Retries'),
});

const healthStartPeriod = onBoth({
  name: 'health-start-period',
  type: positiveDuration,
  group: 'Health',
  help: 'Start period for the container to initialize before counting retries towards unstable',
  since: '1.29',
  change: assign(check, 'StartPeriod'),
});

const healthStartInterval = specFlag({
  name: 'health-start-interval',
  type: positiveDuration,
  group: 'Health',
  help: 'Time between running the check during the start period',
  since: '1.44',
  create: assign(check, 'StartInterval'),
  // Known to docker's update, where it changes nothing.
  update: () => undefined,
});

const healthTimeout = onBoth({
  name: 'health-timeout',
  type: positiveDuration,
  group: 'Health',
  help: 'Maximum time to allow one check to run',
  since: '1.25',
  change: assign(check, 'Timeout'),
});

const DURATIONS = [healthInterval, healthStartPeriod, healthTimeout];

/** Whether a flag says how to check; on create, one that says nothing (`--health-retries 0`) does not count. */
function saysOnCreate(given: Given): boolean {
  const says = (given.get(healthCmd) ?? '') !== '' || (given.get(healthRetries) ?? 0) !== 0;
  return says || [...DURATIONS, healthStartInterval].some((flag) => given.has(flag));
}

function saysOnUpdate(given: Given): boolean {
  return given.has(healthCmd) || given.has(healthRetries) || DURATIONS.some((flag) => given.has(flag));
}

const noHealthcheck = specFlag({
  name: 'no-healthcheck',
  type: boolean,
  group: 'Health',
  help: 'Disable any container-specified HEALTHCHECK',
  since: '1.25',
  create: (draft, off, { given }) => {
    if (off) disable(draft, saysOnCreate(given));
  },
  update: (draft, off, { given }) => {
    if (off) disable(draft, saysOnUpdate(given));
    else check(draft);
  },
});

function disable(draft: ServiceSpec, conflict: boolean): void {
  if (conflict) throw usageError('--no-healthcheck conflicts with the --health-* flags');
  container(draft).Healthcheck = { Test: ['NONE'] };
}

export const HEALTH_FLAGS = [
  healthCmd,
  healthInterval,
  healthRetries,
  healthStartPeriod,
  healthStartInterval,
  healthTimeout,
  noHealthcheck,
];
