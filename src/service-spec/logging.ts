/** Where the containers' output goes. */
import type { ServiceSpec } from '../api/service.ts';
import { keyValues } from '../values/text.ts';
import { string } from '../values/value.ts';
import { variables, withValues } from './env.ts';
import { onBoth } from './flag.ts';
import type { SpecContext } from './flag.ts';

const logOpt = onBoth({
  name: 'log-opt',
  type: variables,
  group: 'What runs',
  help: 'Logging driver options',
  // Options belong to a driver: --log-driver takes them along, alone they say nothing.
  change: () => undefined,
});

const logDriver = onBoth({
  name: 'log-driver',
  type: string,
  group: 'What runs',
  help: 'Logging driver for service',
  change: (draft: ServiceSpec, name: string, { given, local }: SpecContext) => {
    if (name === '') return;
    draft.TaskTemplate.LogDriver = {
      Name: name,
      Options: keyValues(withValues(given.get(logOpt) ?? [], local)),
    };
  },
});

export const LOGGING_FLAGS = [logDriver, logOpt];
