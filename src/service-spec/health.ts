/** The health check of the container. */
import { usageError } from '../errors.ts';
import type { Healthcheck, ServiceSpec } from '../api/service.ts';
import { formatDuration } from '../values/duration.ts';
import { boolean, int, positiveDuration, string } from '../values/value.ts';
import { setField, storesIn } from './edits.ts';
import { container, partAt } from './draft.ts';
import { onBoth, specFlag } from './flag.ts';
import type { Given } from '../command-line/flag.ts';
import { asWords, one, shownBy } from './shown.ts';
import type { FlagText } from './shown.ts';

/**
 * The health check of the draft. If it is disabled, this enables it, as docker does (docker/cli
 * cli/command/service/update.go updateHealthcheck).
 */
const healthcheck = partAt(`${container.path}.Healthcheck`, (draft: ServiceSpec): Healthcheck => {
  const check = (container(draft).Healthcheck ??= {});
  if (check.Test?.[0] === 'NONE') check.Test = null;
  return check;
});

const healthCmd = specFlag({
  name: 'health-cmd',
  type: string,
  group: 'Health',
  help: 'Command to run to check health',
  shows: [shownBy(`${healthcheck.path}.Test`, healthText)],
  create: (draft, command) => {
    if (command !== '') healthcheck(draft).Test = ['CMD-SHELL', command];
  },
  update: (draft, command) => {
    healthcheck(draft).Test = command === '' ? null : ['CMD-SHELL', command];
  },
});

const healthInterval = onBoth({
  name: 'health-interval',
  type: positiveDuration,
  group: 'Health',
  help: 'Time between running the check',
  ...storesIn(healthcheck, 'Interval', formatDuration),
});

const healthRetries = specFlag({
  name: 'health-retries',
  type: int,
  group: 'Health',
  help: 'Consecutive failures needed to report unhealthy',
  shows: [one(`${healthcheck.path}.Retries`)],
  create: (draft, count) => {
    if (count !== 0) healthcheck(draft).Retries = count;
  },
  update: setField(healthcheck, 'Retries'),
});

const healthStartPeriod = onBoth({
  name: 'health-start-period',
  type: positiveDuration,
  group: 'Health',
  help: 'Start period for the container to initialize before counting retries towards unstable',
  ...storesIn(healthcheck, 'StartPeriod', formatDuration),
});

const healthStartInterval = specFlag({
  name: 'health-start-interval',
  type: positiveDuration,
  group: 'Health',
  help: 'Time between running the check during the start period',
  shows: [one(`${healthcheck.path}.StartInterval`, formatDuration)],
  since: '1.44',
  create: setField(healthcheck, 'StartInterval'),
  // docker's update accepts this flag and ignores it (docker/cli cli/command/service/update.go updateHealthcheck).
  update: () => undefined,
});

const healthTimeout = onBoth({
  name: 'health-timeout',
  type: positiveDuration,
  group: 'Health',
  help: 'Maximum time to allow one check to run',
  ...storesIn(healthcheck, 'Timeout', formatDuration),
});

const DURATIONS = [healthInterval, healthStartPeriod, healthTimeout];

/**
 * Whether a flag of `create` configures the check. An empty --health-cmd and `--health-retries 0` do not count.
 * (docker/cli cli/command/service/opts.go toHealthConfig)
 */
function isConfiguredOnCreate(given: Given): boolean {
  const hasValue = (given.get(healthCmd) ?? '') !== '' || (given.get(healthRetries) ?? 0) !== 0;
  return hasValue || [...DURATIONS, healthStartInterval].some((flag) => given.has(flag));
}

/**
 * Whether a flag of `update` configures the check. Here every value counts. (docker/cli
 * cli/command/service/update.go updateHealthcheck)
 */
function isConfiguredOnUpdate(given: Given): boolean {
  return given.has(healthCmd) || given.has(healthRetries) || DURATIONS.some((flag) => given.has(flag));
}

const noHealthcheck = specFlag({
  name: 'no-healthcheck',
  type: boolean,
  group: 'Health',
  help: 'Disable any container-specified HEALTHCHECK',
  create: (draft, off, { given }) => {
    if (off) disable(draft, isConfiguredOnCreate(given));
  },
  update: (draft, off, { given }) => {
    if (off) disable(draft, isConfiguredOnUpdate(given));
    else healthcheck(draft);
  },
});

/** @throws SwarmrollError `usage` if another flag configures the check */
function disable(draft: ServiceSpec, isConfigured: boolean): void {
  if (isConfigured) throw usageError('--no-healthcheck conflicts with the --health-* flags');
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

function healthText(flag: string, value: readonly string[]): readonly FlagText[] {
  const [kind = '', ...rest] = value;
  if (kind === 'NONE') return [['no-healthcheck', 'true']];
  return [[flag, kind === 'CMD-SHELL' ? rest.join(' ') : asWords([kind, ...rest])]];
}
