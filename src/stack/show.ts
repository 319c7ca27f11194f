/** `stack deploy --dry-run` and `stack diff`: print the plan of a deployment. Nothing is stored. */
import type { Call } from '../command-line/command.ts';
import { plannedChanges, printLines, printNothingSent, serviceLines } from '../dry-run/dry-run.ts';
import { wantsJson } from '../watch/rollout-flags.ts';
import type { Engine } from '../engine/client.ts';
import { EXIT_CODES } from '../errors.ts';
import { NO_CHANGES, UNKNOWN_CHANGES } from '../service-spec/planned.ts';
import type { PlannedResult, Risk } from '../service-spec/planned.ts';
import { isJobSpec } from '../service-spec/mode.ts';
import { sameSpec } from '../service-spec/same.ts';
import { compareNaturally } from '../values/natural-sort.ts';
import { printable } from '../values/printable.ts';
import { counted } from '../values/text.ts';
import { planned } from './deploy.ts';
import type { Deployment } from './deploy.ts';
import { kindOf } from '../stack-plan/objects.ts';
import type { Rotation } from '../stack-plan/objects.ts';
import type { ServiceWrite, StackPlan } from '../stack-plan/plan.ts';
import { idsIn } from '../stack-plan/rotation.ts';
import type { ContentDifference } from '../stack-plan/rotation.ts';
import { askForSecrets } from './secret-data.ts';

/** A network, secret or config of a plan. */
type ShownObject =
  | {
      readonly kind: 'network' | 'secret' | 'config';
      readonly name: string;
      readonly change: 'created' | 'updated';
    }
  | {
      readonly kind: 'secret' | 'config';
      /** The name in the Compose file. */
      readonly name: string;
      /** `reused`: what is wanted is stored already, from a deployment before. */
      readonly change: 'rotated' | 'reused';
      readonly reason: ContentDifference;
      /** The name in the swarm; of a new secret with "<random>". */
      readonly stored: string;
      /** The services that refer to it and are sent. */
      readonly services: readonly string[];
    };

/** What `-o json` prints for a plan. Scripts depend on the names and meanings of the fields, so they are stable. */
export interface StackPlanResult {
  readonly action: 'stack deploy' | 'stack diff';
  readonly verdict: 'planned' | 'compared';
  readonly exitCode: number;
  /** Networks, secrets and configs. */
  readonly objects: readonly ShownObject[];
  /** The services to send, in the order of their names. */
  readonly services: readonly PlannedResult[];
  /** The names of the services that are sent at the same time, one list after the other. */
  readonly stages: readonly (readonly string[])[];
  readonly unchanged: readonly string[];
  /** `first`: before the others are sent, because it holds a port. `last`: when all others have converged. */
  readonly removed: readonly { readonly name: string; readonly when: 'first' | 'last' }[];
  /** Why nothing would be sent. What the engine would refuse in a service is a risk of the service, too. */
  readonly refusals: readonly string[];
}

/**
 * @param verdict `planned`: of `stack deploy --dry-run`, which ends with 1 if a part would be refused. `compared`: of `stack diff`,
 * which ends with 6 if anything would change
 */
export async function showDeployment(
  call: Call,
  engine: Engine,
  deployment: Deployment,
  verdict: StackPlanResult['verdict'],
): Promise<StackPlanResult> {
  const { plan: first, planWith } = await planned(call, engine, {
    ...deployment,
    randomSuffix: () => '<random>',
  });
  const { questions } = first;
  const plan =
    questions.length === 0 ? first : planWith(await askForSecrets(engine, questions, call.world.interrupted));
  const writes = plan.stages.flat().sort((a, b) => compareNaturally(a.name, b.name));
  // A job runs again at each deployment, and credentials are always sent. That is no difference.
  const shown = verdict === 'planned' ? writes : writes.filter(isDifferent);
  const same = writes.filter((write) => !shown.includes(write));
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
      refused: plan.refused.get(name) ?? [],
      sendsAuth: auth !== undefined,
      always: isJobSpec(spec),
      ...(before === undefined ? {} : { before }),
    })),
  );
  const result = resultOf(plan, services, same, verdict);
  if (wantsJson(call.given)) call.world.stdout.write(`${JSON.stringify(result)}\n`);
  else printLines(call, linesOf(result, same));
  if (verdict === 'planned') printNothingSent(call);
  return result;
}

/** What stands among the refusals, too. */
const REFUSED: ReadonlySet<Risk['kind']> = new Set(['name', 'invalid', 'port']);

const isDifferent = ({ spec, before }: ServiceWrite): boolean =>
  before === undefined || !sameSpec(spec, before.Spec);

/** @param same what is sent although nothing differs, and not shown as a change */
function resultOf(
  plan: StackPlan,
  services: readonly PlannedResult[],
  same: readonly ServiceWrite[],
  verdict: StackPlanResult['verdict'],
): StackPlanResult {
  const nameOf = ({ Spec, ID }: StackPlan['unchanged'][number]): string => printable(Spec.Name ?? ID);
  const objects = [
    ...plan.objects.flatMap((object): ShownObject[] =>
      object.isRotation === true
        ? []
        : [
            {
              kind: kindOf(object),
              name: printable(object.name),
              change: object.before === undefined ? 'created' : 'updated',
            },
          ],
    ),
    ...plan.rotations.map((one) => rotationOf(one, plan)),
  ];
  const removed = [
    ...plan.removedFirst.map((one) => ({ name: nameOf(one), when: 'first' as const })),
    ...plan.removedLast.map((one) => ({ name: nameOf(one), when: 'last' as const })),
  ];
  const differs = services.length > 0 || removed.length > 0 || objects.length > 0;
  const isRefused =
    plan.refusals.length > 0 || services.some(({ risks }) => risks.some(({ kind }) => kind === 'missing'));
  const codeOfPlan = isRefused ? EXIT_CODES.failed : EXIT_CODES.done;
  return {
    action: verdict === 'planned' ? 'stack deploy' : 'stack diff',
    verdict,
    exitCode: verdict === 'planned' ? codeOfPlan : differs ? EXIT_CODES.differs : EXIT_CODES.done,
    objects,
    services,
    stages: plan.stages.map((stage) => stage.map(({ name }) => printable(name))),
    unchanged: [...plan.unchanged.map(nameOf), ...same.map(({ name }) => printable(name))].sort(
      compareNaturally,
    ),
    removed,
    refusals: plan.refusals.map(printable),
  };
}

const rotationOf = ({ of, name, to, isNew, reason }: Rotation, { stages }: StackPlan): ShownObject => ({
  kind: of === 'secrets' ? 'secret' : 'config',
  name: printable(name),
  change: isNew ? 'rotated' : 'reused',
  reason,
  stored: printable(to.name),
  services: stages
    .flat()
    .filter(({ spec }) => idsIn(spec.TaskTemplate).includes(to.id))
    .map((one) => printable(one.name))
    .sort(compareNaturally),
});

/** "config app_conf: created", "rotates config app_conf (data differs): replaces 3 tasks of app_web". */
function objectLine(object: ShownObject, services: readonly PlannedResult[]): string {
  const { kind, name, change } = object;
  if (!('reason' in object)) return `${kind} ${name}: ${change}`;
  const { reason, stored, services: users } = object;
  const effects = users.map((user) => {
    const { tasks = NO_CHANGES, message = '' } = services.find(({ service }) => service.name === user) ?? {};
    if (message === UNKNOWN_CHANGES) return `tasks of ${user}`;
    const { replaced, started } = tasks;
    const [word, count] = replaced > 0 ? ['replaces', replaced] : ['starts', started];
    return `${word} ${counted(count, 'task')} of ${user}`;
  });
  const to = change === 'reused' ? ` to ${stored}, which is stored already` : '';
  return `rotates ${kind} ${name}${to} (${reason} differs): ${effects.join(', ') || 'no service uses it'}`;
}

/** The lines for people. @param same as `resultOf` */
function linesOf(
  { objects, services, stages, unchanged, removed, refusals }: StackPlanResult,
  same: readonly ServiceWrite[],
): string[] {
  const again = new Map(
    same.map(({ name, spec }) => [
      printable(name),
      `; a deployment ${isJobSpec(spec) ? 'runs' : 'sends'} it again`,
    ]),
  );
  const order =
    stages.length < 2 ? [] : [`order: ${stages.map((stage) => stage.join(', ')).join('; then ')}`];
  return [
    ...objects.map((object) => objectLine(object, services)),
    ...removed
      .filter(({ when }) => when === 'first')
      .map(({ name }) => `${name}: removed first, because it holds a port`),
    ...services.flatMap((one) =>
      serviceLines({ ...one, risks: one.risks.filter(({ kind }) => !REFUSED.has(kind)) }),
    ),
    ...unchanged.map((name) => `${name}: unchanged${again.get(name) ?? ''}`),
    ...removed
      .filter(({ when }) => when === 'last')
      .map(({ name }) => `${name}: removed when all services have converged`),
    ...order,
    ...refusals.map((refusal) => `refused: ${refusal}`),
  ];
}
