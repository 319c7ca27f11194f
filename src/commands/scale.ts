/** swarmroll scale: sets the number of replicas of services and watches until that many run. */
import type { Service, ServiceSpec } from '../api/service.ts';
import type { CommandBody } from '../command-line/command.ts';
import { printText } from '../watch/print.ts';
import { CHANGE_FLAGS } from '../watch/rollout-flags.ts';
import { selectServices } from '../deploy/select-services.ts';
import { updateMany } from '../deploy/update-many.ts';
import { SwarmrollError, usageError } from '../errors.ts';
import { splitOnce, firstRepeated } from '../values/text.ts';
import { InvalidValue, uint } from '../values/value.ts';

export const scale: CommandBody = {
  operands: [{ kind: 'service=replicas', many: true }],
  flags: CHANGE_FLAGS,
  examples: [['swarmroll scale web=5 api=3', 'five replicas of web and three of api']],
  run: async (call) => {
    const { operands, world } = call;
    const wanted = operands.map(readOperand);
    const repeated = firstRepeated(wanted.map(([ref]) => ref));
    if (repeated !== undefined) throw usageError(`${repeated} is named twice`);
    const engine = await world.engine();
    // One request for each service, so that the services have the order of the command line.
    const found = await Promise.all(
      wanted.map(([ref]) => selectServices(engine, [ref], undefined, world.interrupted)),
    );
    const services = found.flat();
    const twice = firstRepeated(services.map(({ ID }) => ID));
    if (twice !== undefined) {
      const refs = wanted.filter((_, index) => services[index]?.ID === twice).map(([ref]) => ref);
      throw usageError(`${refs.join(' and ')} are one service`);
    }
    const changes = services.map((service, index) => {
      const [ref = '', count = 0] = wanted[index] ?? [];
      return { ref, service, spec: scaled(ref, service, count), named: [['Mode']] };
    });
    const counts = new Map(wanted);
    return updateMany(call, engine, 'scale', changes, (ref) =>
      printText(call, `${ref} scaled to ${counts.get(ref) ?? 0}`),
    );
  },
};

/** Parses "web=5". @throws SwarmrollError `usage` */
function readOperand(text: string): readonly [ref: string, count: number] {
  const [ref, count] = splitOnce(text, '=');
  if (ref === '' || count === undefined || count === '') {
    throw usageError(`invalid scale specifier ${JSON.stringify(text)}: must be SERVICE=REPLICAS`);
  }
  try {
    return [ref, uint.parse([count])];
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    throw usageError(`${ref}: invalid replicas value ${JSON.stringify(count)}: ${error.message}`);
  }
}

/** The spec with another number of replicas. @throws SwarmrollError `refused` for a global service, with docker's text */
function scaled(ref: string, { Spec }: Service, count: number): ServiceSpec {
  const spec = structuredClone(Spec);
  if (spec.Mode?.Replicated) spec.Mode.Replicated.Replicas = count;
  else if (spec.Mode?.ReplicatedJob) spec.Mode.ReplicatedJob.TotalCompletions = count;
  else {
    throw new SwarmrollError(
      'refused',
      `${ref}: scale can only be used with replicated or replicated-job mode`,
      { hint: 'nothing was changed' },
    );
  }
  return spec;
}
