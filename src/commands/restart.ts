/** swarmroll restart: replaces every task of services although their spec is the same, as update --force does. */
import type { Service, ServiceSpec } from '../api/service.ts';
import type { CommandBody } from '../command-line/command.ts';
import { SwarmrollError } from '../errors.ts';
import { isGate } from '../service-spec/mode.ts';
import { storedOrder } from '../held-writes/depends-on.ts';
import type { Dependencies } from '../held-writes/depends-on.ts';
import { inStages } from '../stack-plan/order.ts';
import { CHANGE_FLAGS, noOrder } from '../watch/rollout-flags.ts';
import { printable } from '../values/printable.ts';
import { SELECTION_FLAGS, selectServices, selectionOf } from '../deploy/select-services.ts';
import { updateMany } from '../deploy/update-many.ts';

export const restart: CommandBody = {
  operands: [{ kind: 'service', many: true, optional: true }],
  flags: [...SELECTION_FLAGS, noOrder, ...CHANGE_FLAGS],
  examples: [
    ['swarmroll restart web api', 'replace all tasks, with the update settings of each service'],
    ['swarmroll restart --stack app', 'restart all services of a stack; its jobs run again'],
  ],
  run: async (call) => {
    const { given, operands, world } = call;
    const selection = selectionOf(call, 'restart');
    const engine = await world.engine();
    const services = await selectServices(engine, operands, selection, world.interrupted);
    const { ordered, waitsFor } = given.get(noOrder) === true ? unordered(services) : inOrder(services);
    const awaited = new Set([...waitsFor.values()].flat());
    const changes = ordered.map((service) => {
      const ref = nameOf(service);
      return {
        ref,
        service,
        spec: forced(service),
        named: [],
        waitsFor: waitsFor.get(ref) ?? [],
        mustComplete: awaited.has(ref) && isGate(service.Spec),
      };
    });
    return updateMany(call, engine, 'restart', changes);
  },
};

const nameOf = ({ Spec, ID }: Service): string => Spec.Name ?? ID;

/** The services in the order of their labels. depends_on of a Compose file is not stored. @throws SwarmrollError `refused` for a cycle */
function inOrder(services: readonly Service[]): InOrder {
  const { dependencies, problems } = storedOrder(
    services.map((one) => ({ name: nameOf(one), spec: one.Spec })),
  );
  if (problems.length > 0)
    throw new SwarmrollError('refused', `${problems.map(printable).join('; ')}; nothing was sent`, {
      hint: 'to restart all at once, use --no-order',
    });
  if (dependencies.size === 0) return unordered(services);
  const { stages, waitsFor } = inStages(
    services.map((before) => ({ name: nameOf(before), spec: before.Spec, before })),
    dependencies,
  );
  return { ordered: stages.flat().map(({ before }) => before), waitsFor };
}

interface InOrder {
  readonly ordered: readonly Service[];
  readonly waitsFor: Dependencies;
}

const unordered = (ordered: readonly Service[]): InOrder => ({ ordered, waitsFor: new Map() });

/**
 * The spec with the next ForceUpdate. The engine replaces every task whose ForceUpdate differs (swarmkit
 * manager/orchestrator/task.go, IsTaskDirty).
 */
function forced({ Spec }: Service): ServiceSpec {
  const spec = structuredClone(Spec);
  spec.TaskTemplate.ForceUpdate = (spec.TaskTemplate.ForceUpdate ?? 0) + 1;
  return spec;
}
