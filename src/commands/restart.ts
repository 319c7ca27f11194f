/** swarmroll restart: replaces every task of services although their spec is the same, as update --force does. */
import type { Service, ServiceSpec } from '../api/service.ts';
import type { CommandBody } from '../command-line/command.ts';
import { connectionOptions } from '../command-line/common-flags.ts';
import { CHANGE_FLAGS, watchLimitsOf } from '../watch/rollout-flags.ts';
import { SELECTION_FLAGS, selectServices, selectionOf } from '../deploy/select-services.ts';
import { updateMany } from '../deploy/update-many.ts';

export const restart: CommandBody = {
  operands: [{ kind: 'service', many: true, optional: true }],
  flags: [...SELECTION_FLAGS, ...CHANGE_FLAGS],
  examples: [
    ['swarmroll restart web api', 'replace all tasks, with the update settings of each service'],
    ['swarmroll restart --stack app', 'restart all services of a stack'],
  ],
  run: async (call) => {
    const { given, operands, world } = call;
    watchLimitsOf(given);
    const selection = selectionOf(call, 'restart');
    const engine = await world.connect(connectionOptions(given));
    const services = await selectServices(engine, operands, selection, world.interrupted);
    const changes = services.map((service) => ({
      ref: service.Spec.Name ?? service.ID,
      service,
      draft: forced(service),
      named: [],
    }));
    return updateMany(call, engine, 'restart', changes);
  },
};

/**
 * The spec with the next ForceUpdate. The engine replaces every task whose ForceUpdate differs (swarmkit
 * manager/orchestrator/task.go, IsTaskDirty).
 */
function forced({ Spec }: Service): ServiceSpec {
  const draft = structuredClone(Spec);
  draft.TaskTemplate.ForceUpdate = (draft.TaskTemplate.ForceUpdate ?? 0) + 1;
  return draft;
}
