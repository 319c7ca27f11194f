/** `--dry-run` and `diff`: collect what the engine knows, and print what a change does. Only GET requests are sent. */
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { namesOf } from '../engine/lookup.ts';
import { EXIT_CODES } from '../errors.ts';
import { NO_CHANGES, UNKNOWN_CHANGES, plannedLines, tasksSentence } from '../service-spec/planned.ts';
import type { PlacedTasks, PlannedResult, Risk, TaskChanges } from '../service-spec/planned.ts';
import { addressRisks } from '../scheduler/addresses.ts';
import { placementsOf } from '../scheduler/placement.ts';
import type { PlannedPlacement, ToPlace } from '../scheduler/placement.ts';
import { noNodeRisks, placementRisks } from '../scheduler/risks.ts';
import { differences } from '../service-spec/differences.ts';
import { isJobSpec } from '../service-spec/mode.ts';
import { ignoredMountOptions } from '../service-spec/mounts.ts';
import { taskChanges, updateConfigOf } from '../service-spec/replaced-tasks.ts';
import type { PlannedChange } from '../service-spec/replaced-tasks.ts';
import { printable } from '../values/printable.ts';
import { askedFor } from './asked-for.ts';
import { gather, swarmOf } from './gather.ts';
import type { ChangeToShow, Gathered } from './gather.ts';
import { pausedNotes } from './paused-notes.ts';
import { printMessage } from '../watch/print.ts';
import type { SwarmRead } from '../watch/read-cluster.ts';
import { wantsJson } from '../watch/rollout-flags.ts';

/** Prints what one change does. @returns the exit code */
export async function showChange(call: Call, engine: Engine, change: ChangeToShow): Promise<number> {
  const [result] = (await plannedChanges(call, engine, [change])) as [PlannedResult];
  if (wantsJson(call.given)) call.world.stdout.write(`${JSON.stringify(result)}\n`);
  else printLines(call, plannedLines(result));
  if (change.action !== 'diff') printNothingSent(call);
  return result.exitCode;
}

/** What changes of several services do that are made by one command: their tasks compete for the nodes. */
export async function plannedChanges(
  call: Call,
  engine: Engine,
  changes: readonly ChangeToShow[],
): Promise<PlannedResult[]> {
  const swarm = await swarmOf(call, engine, changes);
  const gathered = await Promise.all(changes.map((change) => gather(call, engine, change, swarm)));
  const places = placesOf(gathered, swarm);
  return gathered.map((one) => planned(call, one, places.get(one)));
}

/** Prints what changes of several services do. @returns the exit code */
export async function showChanges(
  call: Call,
  engine: Engine,
  action: 'scale' | 'restart',
  changes: readonly ChangeToShow[],
): Promise<number> {
  const services = await plannedChanges(call, engine, changes);
  const exitCode = Math.max(...services.map((result) => result.exitCode));
  if (wantsJson(call.given)) {
    call.world.stdout.write(`${JSON.stringify({ action, verdict: 'planned', exitCode, services })}\n`);
  } else {
    services.forEach((result) => printLines(call, serviceLines(result)));
  }
  printNothingSent(call);
  return exitCode;
}

/** The lines of one service of several. */
export const serviceLines = (result: PlannedResult): string[] => [
  `${result.service.name ?? ''}:`,
  ...plannedLines(result).map((line) => `  ${line}`),
];

export const printLines = ({ world }: Call, lines: readonly string[]): void =>
  void world.stdout.write(lines.map((line) => `${printable(line)}\n`).join(''));

export const printNothingSent = (call: Call): void => printMessage(call, ['dry run: nothing was changed']);

interface Place {
  readonly tasks: PlacedTasks;
  readonly risks: readonly Risk[];
}

/** Whether the tasks find nodes and addresses. */
function placesOf(gathered: readonly Gathered[], swarm: SwarmRead): ReadonlyMap<Gathered, Place> {
  const all = gathered.flatMap((one) => (one.place === undefined ? [] : [{ one, place: one.place }]));
  const toPlace = all.map(({ place }) => place);
  const placements = placementsOf(toPlace, swarm);
  return new Map(
    all.map(({ one, place }, index) => {
      const placement = placements[index] as PlannedPlacement;
      const beside = toPlace.filter((other) => other !== place);
      return [one, placed(one, place, placement, swarm, beside)];
    }),
  );
}

function placed(
  { shown: { action, before, after }, effect = NO_CHANGES, attached, others: services }: Gathered,
  { change, drivers }: ToPlace,
  placement: PlannedPlacement,
  swarm: SwarmRead,
  beside: readonly ToPlace[],
): Place {
  const { wanted, least, most, nodes } = placement;
  const isNamed = action === 'create' || action === 'update';
  const others = services.filter(({ ID }) => ID !== before?.ID);
  const { kept, replaced, started, atOnce } = effect;
  const isFirst = updateConfigOf(change)?.Order === 'start-first';
  const tasks = kept + replaced + started + (isFirst ? Math.min(atOnce, replaced) : 0);
  return {
    tasks: { wanted, least, most },
    risks: [
      ...noNodeRisks(change),
      ...placementRisks(change, { ...swarm, drivers }, placement, isNamed, beside),
      ...addressRisks(after, attached, others, { tasks, nodes }),
    ],
  };
}

/** A plan that the engine would refuse ends as the refusal. */
function exitCodeOf({ shown: { action, differs }, refused }: Gathered): number {
  if (action === 'diff') return differs === true ? EXIT_CODES.differs : EXIT_CODES.done;
  return refused.length > 0 ? EXIT_CODES.failed : EXIT_CODES.done;
}

function planned({ given }: Call, gathered: Gathered, place: Place | undefined): PlannedResult {
  const { shown, plan, effect, networks, refused, notSent: unsent, notChecked } = gathered;
  const { action, before, after, name, warnings = [] } = shown;
  const found = differences(before?.Spec, after, namesOf(networks));
  return {
    action,
    verdict: action === 'diff' ? 'compared' : 'planned',
    exitCode: exitCodeOf(gathered),
    service: { id: before?.ID ?? null, name: name === undefined ? null : printable(name) },
    message: effect === undefined ? UNKNOWN_CHANGES : tasksSentence(effect, isJobSpec(after)),
    changes: (action === 'create' ? askedFor(found, given) : found).map(({ field, ...values }) => ({
      field: printable(field),
      ...Object.fromEntries(Object.entries(values).map(([key, text]) => [key, printable(text)])),
    })),
    tasks: effect ?? NO_CHANGES,
    ...(place === undefined ? {} : { placed: place.tasks }),
    risks: [
      ...warnings.map((message): Risk => ({ kind: 'image', message })),
      ...(place?.risks ?? []),
      ...refused,
    ].map((risk) => ({ ...risk, message: printable(risk.message) })),
    notes: [
      ...(unsent?.notes ?? []),
      ...(action === 'create' || action === 'update' ? ignoredMountOptions(after) : []),
      ...(unsent === undefined && effect !== undefined ? authNotes(plan, effect) : []),
      ...(unsent === undefined && action === 'update' && before !== undefined
        ? pausedNotes(before, after, effect?.replaced ?? 0)
        : []),
      ...notChecked,
    ],
  };
}

/** What cannot be known: whether the engine has the credentials already. Then a change of the placement alone replaces nothing. */
function authNotes(plan: PlannedChange, { replaced }: TaskChanges): string[] {
  if (plan.sendsAuth !== true) return [];
  const without = taskChanges({ ...plan, sendsAuth: false }).replaced;
  if (without === replaced) return [];
  return [`if the engine has the same registry credentials already, it replaces ${without} of these tasks`];
}
