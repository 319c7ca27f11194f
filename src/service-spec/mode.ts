/** The name, the mode and how many tasks: replicated, global, and the jobs of both kinds. */
import { SwarmrollError, usageError } from '../errors.ts';
import type { ServiceMode, ServiceSpec } from '../api/service.ts';
import { oneOf, string, uint } from '../values/value.ts';
import { assign } from './change.ts';
import { placement } from './draft.ts';
import { onBoth, specFlag } from './flag.ts';

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
      throw new SwarmrollError('refused', '--replicas is only for replicated services, and this one is not');
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
  since: '1.41',
  create: (draft, count) => {
    if (!draft.Mode?.ReplicatedJob) {
      throw usageError('--max-concurrent can only be used with replicated-job mode');
    }
    draft.Mode.ReplicatedJob.MaxConcurrent = count;
  },
  // Known to docker's update, where it changes nothing.
  update: () => undefined,
});

const maxPerNode = onBoth({
  name: 'replicas-max-per-node',
  type: uint,
  group: 'Placement',
  help: 'Maximum number of tasks per node',
  default: '0 = unlimited',
  since: '1.40',
  change: (draft, count, { stored }) => {
    const isGlobal = draft.Mode?.Global ?? draft.Mode?.GlobalJob;
    if (isGlobal && count > 0 && stored === undefined) {
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
  create: assign((draft: ServiceSpec) => draft, 'Name'),
});

export const MODE_FLAGS = [name, mode, replicas, maxConcurrent, maxPerNode];
