/** The name of the service, its mode (replicated, global, replicated-job, global-job) and the number of tasks. */
import { SwarmrollError, usageError } from '../errors.ts';
import type { ServiceMode, ServiceSpec } from '../api/service.ts';
import { oneOf, string, uint } from '../values/value.ts';
import { setField } from './edits.ts';
import { placement, service } from './draft.ts';
import { onBoth, specFlag } from './flag.ts';
import { one, shownBy } from './shown.ts';
import type { FlagText } from './shown.ts';

/**
 * Whether a service is a job: its tasks are meant to end. The engine runs them again at every update of the service (seen on
 * 28.5), and docker stack deploy relies on it.
 */
export const isJobSpec = ({ Mode }: ServiceSpec): boolean =>
  Mode?.ReplicatedJob !== undefined || Mode?.GlobalJob !== undefined;

/** Whether each node has one slot of a service. */
export const isGlobalSpec = ({ Mode }: ServiceSpec): boolean =>
  Mode?.Global !== undefined || Mode?.GlobalJob !== undefined;

/**
 * Whether services that depend on a service wait until its tasks have completed, and not only until they run: it is a job, or its
 * restart condition is `none`.
 */
export const isGate = (spec: ServiceSpec): boolean =>
  isJobSpec(spec) || spec.TaskTemplate.RestartPolicy?.Condition === 'none';

const MODES = {
  replicated: (): ServiceMode => ({ Replicated: {} }),
  global: (): ServiceMode => ({ Global: {} }),
  'replicated-job': (): ServiceMode => ({ ReplicatedJob: {} }),
  'global-job': (): ServiceMode => ({ GlobalJob: {} }),
};

const mode = specFlag({
  name: 'mode',
  type: oneOf('replicated', 'global', 'replicated-job', 'global-job'),
  group: 'What runs',
  help: 'Service mode',
  shows: [shownBy('Mode', modeTexts)],
  default: 'replicated',
  create: (draft, kind) => {
    draft.Mode = MODES[kind]();
  },
});

const replicas = specFlag({
  name: 'replicas',
  type: uint,
  group: 'What runs',
  help: 'Number of tasks',
  create: (draft, count) => {
    const { Replicated, ReplicatedJob } = draft.Mode ?? {};
    if (Replicated) Replicated.Replicas = count;
    else if (ReplicatedJob) {
      ReplicatedJob.TotalCompletions = count;
      ReplicatedJob.MaxConcurrent = count;
    } else throw usageError('--replicas can only be used with replicated or replicated-job mode');
  },
  update: (draft, count) => {
    if (!draft.Mode?.Replicated) {
      throw new SwarmrollError(
        'refused',
        '--replicas can only be used with replicated mode, and this service has another mode',
      );
    }
    draft.Mode.Replicated.Replicas = count;
  },
  fields: () => [['Mode']],
});

const maxConcurrent = specFlag({
  name: 'max-concurrent',
  type: uint,
  group: 'What runs',
  help: 'Number of job tasks to run concurrently',
  default: 'equal to --replicas',
  create: (draft, count) => {
    if (!draft.Mode?.ReplicatedJob) {
      throw usageError('--max-concurrent can only be used with replicated-job mode');
    }
    draft.Mode.ReplicatedJob.MaxConcurrent = count;
  },
  // docker's update accepts this flag and ignores it (docker/cli cli/command/service/update.go updateService).
  update: () => undefined,
});

const maxPerNode = onBoth({
  name: 'replicas-max-per-node',
  type: uint,
  group: 'Placement',
  help: 'Maximum number of tasks per node',
  shows: [one(`${placement.path}.MaxReplicas`)],
  default: '0 = unlimited',
  edit: (draft, count, { stored }) => {
    // docker checks this only on create (docker/cli cli/command/service/opts.go ToServiceMode).
    if (isGlobalSpec(draft) && count > 0 && stored === undefined) {
      throw usageError('--replicas-max-per-node can only be used with replicated or replicated-job mode');
    }
    placement(draft).MaxReplicas = count;
  },
});

const name = specFlag({
  name: 'name',
  type: string,
  group: 'What runs',
  help: 'Service name',
  shows: [one('Name')],
  create: setField(service, 'Name'),
});

export const MODE_FLAGS = [name, mode, replicas, maxConcurrent, maxPerNode];

/** The mode, as `--mode` names it. The engine's default is replicated. */
export function modeOf({ Mode }: ServiceSpec): keyof typeof MODES {
  if (Mode?.ReplicatedJob) return 'replicated-job';
  if (Mode?.GlobalJob) return 'global-job';
  return Mode?.Global ? 'global' : 'replicated';
}

/** The mode and its numbers. The engine's default is one task (moby daemon/cluster/convert/service.go ServiceSpecToGRPC). */
function modeTexts(_: string, value: ServiceMode): readonly FlagText[] {
  const { Replicated, ReplicatedJob, Global } = value;
  if (Replicated)
    return [
      ['mode', 'replicated'],
      ['replicas', String(Replicated.Replicas ?? 1)],
    ];
  if (!ReplicatedJob) return [['mode', Global ? 'global' : 'global-job']];
  const { TotalCompletions = 1, MaxConcurrent = 1 } = ReplicatedJob;
  return [
    ['mode', 'replicated-job'],
    ['replicas', String(TotalCompletions)],
    ['max-concurrent', String(MaxConcurrent)],
  ];
}
