/** The log driver of the containers. */
import type { ServiceSpec } from '../api/service.ts';
import { keyValues } from '../values/text.ts';
import { string } from '../values/value.ts';
import { variables, withLocalValues } from './env.ts';
import { onBoth } from './flag.ts';
import type { SpecContext } from './flag.ts';
import { map, one } from './shown.ts';

const logOpt = onBoth({
  name: 'log-opt',
  type: variables,
  group: 'What runs',
  help: 'Logging driver options',
  shows: [map('TaskTemplate.LogDriver.Options')],
  // --log-driver stores the options. Without it they are ignored, as in docker (docker/cli
  // cli/command/service/update.go updateLogDriver).
  edit: () => undefined,
});

const logDriver = onBoth({
  name: 'log-driver',
  type: string,
  group: 'What runs',
  help: 'Logging driver for service',
  shows: [one('TaskTemplate.LogDriver.Name')],
  edit: (draft: ServiceSpec, name: string, { given, local }: SpecContext) => {
    if (name === '') return;
    draft.TaskTemplate.LogDriver = {
      Name: name,
      Options: keyValues(withLocalValues(given.get(logOpt) ?? [], local)),
    };
  },
});

export const LOGGING_FLAGS = [logDriver, logOpt];
