/** `--dry-run` and `diff`: collect what the engine knows, and print what a change does. Only GET requests are sent. */
import type { Service, ServiceSpec, Task } from '../api/service.ts';
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { nodeSeen } from '../engine/convert.ts';
import { forShow } from '../engine/for-show.ts';
import { networkNames, networksWithIds } from '../engine/lookup.ts';
import { nodeNames } from '../engine/node-names.ts';
import { EXIT_CODES } from '../errors.ts';
import { plannedLines, tasksSentence } from '../rollout/planned.ts';
import type { PlannedResult, TaskChanges } from '../rollout/planned.ts';
import { risksOf } from '../rollout/risks.ts';
import type { PossibleNode, Risk } from '../rollout/risks.ts';
import { differences } from '../service-spec/differences.ts';
import { needsServices, refusedBySpec } from '../service-spec/refused.ts';
import { taskChanges } from '../service-spec/replaced-tasks.ts';
import type { PlannedChange } from '../service-spec/replaced-tasks.ts';
import { nearest } from '../values/integer.ts';
import { printable } from '../values/printable.ts';
import { missingObjects, networkIdsOf } from './missing-objects.ts';
import { checkStorable } from './check-version.ts';
import { askedFor } from './asked-for.ts';
import { pausedNotes } from './paused-notes.ts';
import { printMessage } from './print.ts';
import { wantsJson } from './rollout-flags.ts';
import { isSent, compareWithStored } from './compare-with-stored.ts';

/** A change that is not made, or (action "diff") that was made before. */
export interface ChangeToShow {
  readonly action: PlannedResult['action'];
  /** The service as the user named it; undefined if the engine chooses the name. */
  readonly name: string | undefined;
  /** The service before the change; absent for create. */
  readonly before?: Service;
  readonly after: ServiceSpec;
  /** Why the image could not be resolved. */
  readonly warnings?: readonly string[];
  readonly sendsAuth?: boolean;
}

/** Prints what one change does. @returns the exit code */
export async function showChange(call: Call, engine: Engine, change: ChangeToShow): Promise<number> {
  const result = await planned(call, engine, change, await nodesOf(call, engine));
  if (wantsJson(call.given)) call.world.stdout.write(`${JSON.stringify(result)}\n`);
  else printLines(call, plannedLines(result));
  if (change.action !== 'diff') printNothingSent(call);
  return result.exitCode;
}

/** Prints what changes of several services do. @returns the exit code */
export async function showChanges(
  call: Call,
  engine: Engine,
  action: 'scale' | 'restart',
  changes: readonly ChangeToShow[],
): Promise<number> {
  const nodes = await nodesOf(call, engine);
  const services = await Promise.all(changes.map((change) => planned(call, engine, change, nodes)));
  const exitCode = EXIT_CODES.done;
  if (wantsJson(call.given)) {
    call.world.stdout.write(`${JSON.stringify({ action, verdict: 'planned', exitCode, services })}\n`);
  } else {
    for (const result of services) {
      const lines = plannedLines(result).map((line) => `  ${line}`);
      printLines(call, [`${result.service.name ?? ''}:`, ...lines]);
    }
  }
  printNothingSent(call);
  return exitCode;
}

const printLines = ({ world }: Call, lines: readonly string[]): void =>
  void world.stdout.write(lines.map((line) => `${printable(line)}\n`).join(''));

const printNothingSent = (call: Call): void => printMessage(call, ['dry run: nothing was changed']);

/** The nodes; undefined if they cannot be read, with the reason. */
interface Nodes {
  readonly nodes: readonly PossibleNode[] | undefined;
  readonly noNodes: readonly string[];
}

async function nodesOf({ world }: Call, engine: Engine): Promise<Nodes> {
  const noNodes: string[] = [];
  const nodes = await forShow(engine.nodes({}, world.interrupted), (reason) =>
    noNodes.push(`whether the tasks find a node is not checked: ${reason}`),
  );
  const names = nodeNames(nodes ?? []);
  return { nodes: nodes?.map((node) => ({ node, seen: nodeSeen(node, names) })), noNodes };
}

async function planned(
  { given, world }: Call,
  engine: Engine,
  change: ChangeToShow,
  { nodes, noNodes }: Nodes,
): Promise<PlannedResult> {
  const { action, before, after, name, warnings = [] } = change;
  if (action === 'create' || action === 'update') await checkStorable(engine, after);
  const notChecked = new Set(noNodes);
  const onFailure = (reason: string): void => void notChecked.add(`not checked: ${reason}`);
  const [listed, networks, refused] = await Promise.all([
    before === undefined ? [] : engine.tasks({ service: [before.ID] }, world.interrupted),
    forShow(networkNames(engine, [...networkIdsOf(before?.Spec), ...networkIdsOf(after)]), onFailure),
    refusals(engine, change, onFailure),
  ]);
  const tasks = action === 'diff' ? tasksBefore(before?.Spec, listed) : listed;
  const plan: PlannedChange = {
    ...change,
    tasks,
    nodes: (nodes ?? []).map(({ seen }) => seen),
    isRollback:
      action === 'rollback' ||
      (action === 'diff' && before?.UpdateStatus?.State?.startsWith('rollback') === true),
  };
  const changed = action !== 'diff' ? notSent(change, tasks) : undefined;
  const effect = changed?.tasks ?? taskChanges(plan);
  const found = differences(before?.Spec, after, networks ?? new Map());
  const isJob = (after.Mode?.ReplicatedJob ?? after.Mode?.GlobalJob) !== undefined;
  return {
    action,
    verdict: action === 'diff' ? 'compared' : 'planned',
    exitCode: EXIT_CODES.done,
    service: { id: before?.ID ?? null, name: name === undefined ? null : printable(name) },
    message: tasksSentence(effect, isJob),
    changes: (action === 'create' ? askedFor(found, given) : found).map(({ field, ...values }) => ({
      field: printable(field),
      ...Object.fromEntries(Object.entries(values).map(([key, text]) => [key, printable(text)])),
    })),
    tasks: effect,
    risks: [
      ...warnings.map((message): Risk => ({ kind: 'image', message })),
      ...risksOf(after, nodes),
      ...refused,
    ].map((risk) => ({ ...risk, message: printable(risk.message) })),
    notes: [
      ...(changed?.notes ?? []),
      ...(changed === undefined ? authNotes(plan, effect) : []),
      ...(changed === undefined && action === 'update' && before !== undefined
        ? pausedNotes(before, after, effect.replaced)
        : []),
      ...notChecked,
    ],
  };
}

/** What an update does that is not sent, because the service has this spec already. undefined if it is sent. */
function notSent(
  { action, before, after, sendsAuth = false }: ChangeToShow,
  tasks: readonly Task[],
): { readonly tasks: TaskChanges; readonly notes: readonly string[] } | undefined {
  if (action !== 'update' || before === undefined) return undefined;
  const comparison = compareWithStored(after, before);
  if (isSent(comparison, sendsAuth)) return undefined;
  const kept = tasks.filter(({ DesiredState }) => DesiredState === 'running').length;
  return {
    tasks: { replaced: 0, kept, started: 0, stopped: 0, atOnce: 0, atLeast: 0 },
    notes: comparison === 'rolling' ? ['the engine is already rolling out this spec'] : [],
  };
}

/** What cannot be known: whether the engine has the credentials already. Then a change of the placement alone replaces nothing. */
function authNotes(plan: PlannedChange, { replaced }: TaskChanges): string[] {
  if (plan.sendsAuth !== true) return [];
  const without = taskChanges({ ...plan, sendsAuth: false }).replaced;
  if (without === replaced) return [];
  return [`if the engine has the same registry credentials already, it replaces ${without} of these tasks`];
}

/**
 * The tasks as they were before the last change: the wanted slots of the spec before it, with its template. (What the engine
 * keeps of old tasks is only a part.)
 */
function tasksBefore(spec: ServiceSpec | undefined, tasks: readonly Task[]): readonly Task[] {
  const live = tasks.filter(({ DesiredState }) => DesiredState === 'running');
  const [first] = live;
  if (spec === undefined || first === undefined) return [];
  const count = nearest(spec.Mode?.Replicated?.Replicas ?? live.length);
  return Array.from({ length: count }, (_, index) => {
    const task = live[index] ?? { ...first, Slot: -index };
    return { ...task, Spec: spec.TaskTemplate };
  });
}

/** What the spec uses and the engine no longer has, the name of a new service if it is taken, and what else the engine refuses. */
async function refusals(
  engine: Engine,
  { action, before, after }: ChangeToShow,
  onFailure: (reason: string) => void,
): Promise<Risk[]> {
  const { Name = '' } = after;
  // The engine checks the spec that is posted. What was stored before it has accepted, and a rollback sends no spec.
  const isChecked = action === 'create' || action === 'update';
  const filters = needsServices(after, before) ? {} : { name: [Name] };
  const [missing, networks = [], services] = await Promise.all([
    missingObjects(engine, after, onFailure),
    isChecked ? forShow(networksWithIds(engine, networkIdsOf(after)), onFailure) : [],
    isChecked && (needsServices(after, before) || (action === 'create' && Name !== ''))
      ? engine.services(filters)
      : [],
  ]);
  const isTaken = action === 'create' && services.some((service) => service.Spec.Name === Name);
  const refused = 'the engine refuses the change';
  const effect = action === 'diff' ? 'no task can start' : refused;
  return [
    ...missing.map((what): Risk => ({ kind: 'missing', message: `${what} does not exist: ${effect}` })),
    ...(isTaken ? [{ kind: 'name' as const, message: `a service named ${Name} exists: ${refused}` }] : []),
    ...(isChecked ? refusedBySpec(after, services, before) : []).map(({ kind, message }): Risk => {
      return { kind, message: `${message}: ${refused}` };
    }),
    // swarmkit manager/controlapi/service.go validateNetworks
    ...networks
      .filter(({ Ingress }) => Ingress === true)
      .map(({ Name = '' }): Risk => {
        return { kind: 'invalid', message: `a service cannot join the ingress network ${Name}: ${refused}` };
      }),
  ];
}
