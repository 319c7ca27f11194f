/** `stack deploy --dry-run` and `stack diff`: print the plan of a deployment. Nothing is stored. */
import type { Call } from '../command-line/command.ts';
import { plannedChanges, printLines, printNothingSent, serviceLines } from '../dry-run/dry-run.ts';
import { wantsJson } from '../watch/rollout-flags.ts';
import type { Engine } from '../engine/client.ts';
import { EXIT_CODES } from '../errors.ts';
import type { PlannedResult } from '../service-spec/planned.ts';
import { sameSpec } from '../service-spec/same.ts';
import { compareNaturally } from '../values/natural-sort.ts';
import { printable } from '../values/printable.ts';
import { planned } from './deploy.ts';
import type { Deployment } from './deploy.ts';
import { objectName, otherContent } from './plan.ts';
import type { ObjectWrite, ServiceWrite, StackPlan } from './plan.ts';
import { compareSecrets } from './secret-data.ts';

/** What `-o json` prints for a plan. Scripts depend on the names and meanings of the fields, so they are stable. */
export interface StackPlanResult {
  readonly action: 'stack deploy' | 'stack diff';
  readonly verdict: 'planned' | 'compared';
  readonly exitCode: number;
  /** Networks, secrets and configs. */
  readonly objects: readonly {
    readonly kind: 'network' | 'secret' | 'config';
    readonly name: string;
    readonly change: 'created' | 'updated';
  }[];
  /** The services to send, in the order of their names. */
  readonly services: readonly PlannedResult[];
  /** The names of the services that are sent at the same time, one list after the other. */
  readonly stages: readonly (readonly string[])[];
  readonly unchanged: readonly string[];
  /** `first`: before the others are sent, because it holds a port. `last`: when all others have converged. */
  readonly removed: readonly { readonly name: string; readonly when: 'first' | 'last' }[];
  /** Why nothing would be sent. */
  readonly refusals: readonly string[];
}

/**
 * @param verdict `planned`: of `stack deploy --dry-run`, which ends with 1 if nothing would be sent. `compared`: of `stack diff`,
 * which ends with 6 if anything would change
 */
export async function showDeployment(
  call: Call,
  engine: Engine,
  deployment: Deployment,
  verdict: StackPlanResult['verdict'],
): Promise<StackPlanResult> {
  const { plan } = await planned(call, engine, deployment);
  const writes = plan.stages.flat().sort((a, b) => compareNaturally(a.name, b.name));
  // A job runs again at each deployment. That is no difference.
  const shown = verdict === 'planned' ? writes : writes.filter(isDifferent);
  const creates = new Set(
    plan.objects.flatMap(({ madeUp, name, of }) => [madeUp, ...(of === 'networks' ? [name] : [])]),
  );
  const removedFirst = new Set(plan.removedFirst.map(({ ID }) => ID));
  const services = await plannedChanges(
    call,
    engine,
    shown.map(({ name, spec, before, auth }) => ({
      action: before === undefined ? ('create' as const) : ('update' as const),
      name,
      after: spec,
      creates,
      removedFirst,
      sendsAuth: auth !== undefined,
      ...(before === undefined ? {} : { before }),
    })),
  );
  const { changed, other } = await compareSecrets(engine, plan.objects, call.world.interrupted);
  const refusals = [...plan.refusals, ...other.map(otherContent)];
  const result = resultOf({ ...plan, objects: changed, refusals }, services, verdict);
  if (wantsJson(call.given)) call.world.stdout.write(`${JSON.stringify(result)}\n`);
  else printLines(call, linesOf(result));
  if (verdict === 'planned') printNothingSent(call);
  return result;
}

const isDifferent = ({ spec, before }: ServiceWrite): boolean =>
  before === undefined || !sameSpec(spec, before.Spec);

function resultOf(
  plan: StackPlan,
  services: readonly PlannedResult[],
  verdict: StackPlanResult['verdict'],
): StackPlanResult {
  const nameOf = ({ Spec, ID }: StackPlan['unchanged'][number]): string => printable(Spec.Name ?? ID);
  const objects = plan.objects.map((object) => ({
    kind: kindOf(object),
    name: printable(object.name),
    change: object.before === undefined ? ('created' as const) : ('updated' as const),
  }));
  const removed = [
    ...plan.removedFirst.map((one) => ({ name: nameOf(one), when: 'first' as const })),
    ...plan.removedLast.map((one) => ({ name: nameOf(one), when: 'last' as const })),
  ];
  const differs = services.length > 0 || removed.length > 0 || objects.length > 0;
  const codeOfPlan = plan.refusals.length > 0 ? EXIT_CODES.failed : EXIT_CODES.done;
  return {
    action: verdict === 'planned' ? 'stack deploy' : 'stack diff',
    verdict,
    exitCode: verdict === 'planned' ? codeOfPlan : differs ? EXIT_CODES.differs : EXIT_CODES.done,
    objects,
    services,
    stages: plan.stages.map((stage) => stage.map(({ name }) => printable(name))),
    unchanged: plan.unchanged.map(nameOf).sort(compareNaturally),
    removed,
    refusals: plan.refusals.map(printable),
  };
}

const kindOf = (object: ObjectWrite): 'network' | 'secret' | 'config' =>
  objectName(object).split(' ')[0] as 'network' | 'secret' | 'config';

/** The lines for people. */
function linesOf({ objects, services, stages, unchanged, removed, refusals }: StackPlanResult): string[] {
  const order =
    stages.length < 2 ? [] : [`order: ${stages.map((stage) => stage.join(', ')).join('; then ')}`];
  return [
    ...objects.map(({ kind, name, change }) => `${kind} ${name}: ${change}`),
    ...removed
      .filter(({ when }) => when === 'first')
      .map(({ name }) => `${name}: removed first, because it holds a port`),
    ...services.flatMap(serviceLines),
    ...unchanged.map((name) => `${name}: unchanged`),
    ...removed
      .filter(({ when }) => when === 'last')
      .map(({ name }) => `${name}: removed when all services have converged`),
    ...order,
    ...refusals.map((refusal) => `refused: ${refusal}`),
  ];
}
