/** `--dry-run` and `diff`: collect what the engine knows, and print what a change does. Only GET requests are sent. */
import type { NetworkAttachment, Service, ServiceSpec, Task } from '../api/service.ts';
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { nodeSeen } from '../engine/convert.ts';
import { EXIT_CODES } from '../errors.ts';
import { plannedLines, tasksSentence } from '../rollout/planned.ts';
import type { PlannedResult } from '../rollout/planned.ts';
import { taskChanges } from '../rollout/replaced-tasks.ts';
import type { PlannedChange, TaskChanges } from '../rollout/replaced-tasks.ts';
import { risksOf } from '../rollout/risks.ts';
import type { PossibleNode, Risk } from '../rollout/risks.ts';
import { differences } from '../service-spec/differences.ts';
import { nearest } from '../values/integer.ts';
import { printable } from '../values/printable.ts';
import { printMessage } from './print.ts';
import { wantsJson } from './rollout-flags.ts';
import { isSent, standingOf } from './standing.ts';

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

async function nodesOf({ world }: Call, engine: Engine): Promise<readonly PossibleNode[]> {
  return (await engine.nodes({}, world.interrupted)).map((node) => ({ node, seen: nodeSeen(node) }));
}

async function planned(
  { world }: Call,
  engine: Engine,
  change: ChangeToShow,
  nodes: readonly PossibleNode[],
): Promise<PlannedResult> {
  const { action, before, after, name, warnings = [] } = change;
  const [listed, networks, missing] = await Promise.all([
    before === undefined ? [] : engine.tasks({ service: [before.ID] }, world.interrupted),
    networkNames(engine, [before?.Spec, after]),
    missingObjects(engine, change),
  ]);
  const tasks = action === 'diff' ? tasksBefore(before?.Spec, listed) : listed;
  const plan: PlannedChange = {
    ...change,
    tasks,
    nodes: nodes.map(({ seen }) => seen),
    isRollback:
      action === 'rollback' ||
      (action === 'diff' && before?.UpdateStatus?.State?.startsWith('rollback') === true),
  };
  const changed = action !== 'diff' ? notSent(change, tasks) : undefined;
  const effect = changed?.tasks ?? taskChanges(plan);
  const isJob = (after.Mode?.ReplicatedJob ?? after.Mode?.GlobalJob) !== undefined;
  return {
    action,
    verdict: action === 'diff' ? 'compared' : 'planned',
    exitCode: EXIT_CODES.done,
    service: { id: before?.ID ?? null, name: name === undefined ? null : printable(name) },
    message: tasksSentence(effect, isJob),
    changes: differences(before?.Spec, after, networks).map(({ field, ...values }) => ({
      field: printable(field),
      ...Object.fromEntries(Object.entries(values).map(([key, text]) => [key, printable(text)])),
    })),
    tasks: effect,
    risks: [
      ...warnings.map((message): Risk => ({ kind: 'image', message })),
      ...risksOf(after, nodes),
      ...missingNetworks(change, networks),
      ...missing,
    ].map((risk) => ({ ...risk, message: printable(risk.message) })),
    notes: [...(changed?.notes ?? []), ...(changed === undefined ? authNotes(plan, effect) : [])],
  };
}

/** What an update does that is not sent, because the service has this spec already. undefined if it is sent. */
function notSent(
  { action, before, after, sendsAuth = false }: ChangeToShow,
  tasks: readonly Task[],
): { readonly tasks: TaskChanges; readonly notes: readonly string[] } | undefined {
  if (action !== 'update' || before === undefined) return undefined;
  const standing = standingOf(after, before);
  if (isSent(standing, sendsAuth)) return undefined;
  const kept = tasks.filter(({ DesiredState }) => DesiredState === 'running').length;
  return {
    tasks: { replaced: 0, kept, started: 0, stopped: 0, atOnce: 0, atLeast: 0 },
    notes: standing === 'rolling' ? ['the engine is already rolling out this spec'] : [],
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

const networksOf = (spec: ServiceSpec | undefined): readonly NetworkAttachment[] =>
  spec?.TaskTemplate.Networks ?? spec?.Networks ?? [];

/** The names of the networks that exist, by ID. */
async function networkNames(
  engine: Engine,
  specs: readonly (ServiceSpec | undefined)[],
): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(specs.flatMap(networksOf).map(({ Target = '' }) => Target))];
  if (ids.length === 0) return new Map();
  return new Map((await engine.networks({ id: ids })).map(({ Id = '', Name = '' }) => [Id, Name]));
}

const missingNetworks = ({ action, after }: ChangeToShow, names: ReadonlyMap<string, string>): Risk[] =>
  networksOf(after).flatMap(({ Target = '' }): Risk[] =>
    names.has(Target) ? [] : [missingRisk(`network ${Target}`, action)],
  );

/**
 * The engine refuses a spec with an object that does not exist. Of a rollback it checks the spec that is sent, not the one that
 * comes back (swarmkit manager/controlapi/service.go UpdateService; seen on 28.5).
 */
const missingRisk = (what: string, action: ChangeToShow['action']): Risk => {
  const isAccepted = action === 'rollback' || action === 'diff';
  const effect = isAccepted ? 'no task can start' : 'the engine refuses the change';
  return { kind: 'missing', message: `${what} does not exist: ${effect}` };
};

/** Secrets and configs that are gone, and a name that is taken. */
async function missingObjects(engine: Engine, { action, after }: ChangeToShow): Promise<Risk[]> {
  const { Secrets, Configs } = after.TaskTemplate.ContainerSpec ?? {};
  const secrets = (Secrets ?? []).map(({ SecretID = '', SecretName }) => [SecretID, SecretName] as const);
  const configs = (Configs ?? []).map(({ ConfigID = '', ConfigName }) => [ConfigID, ConfigName] as const);
  const { Name = '' } = after;
  const idsOf = (list: typeof secrets) => ({ id: list.map(([id]) => id) });
  const [foundSecrets, foundConfigs, services] = await Promise.all([
    secrets.length === 0 ? [] : engine.secrets(idsOf(secrets)),
    configs.length === 0 ? [] : engine.configs(idsOf(configs)),
    action === 'create' && Name !== '' ? engine.services({ name: [Name] }) : [],
  ]);
  const gone = (kind: string, list: typeof secrets, found: readonly { ID?: string }[]): Risk[] =>
    list
      .filter(([id]) => !found.some(({ ID }) => ID === id))
      .map(([, name]) => missingRisk(`${kind} ${name}`, action));
  const isTaken = services.some((service) => service.Spec.Name === Name);
  return [
    ...gone('secret', secrets, foundSecrets),
    ...gone('config', configs, foundConfigs),
    ...(isTaken
      ? [{ kind: 'name' as const, message: `a service named ${Name} exists: the engine refuses the change` }]
      : []),
  ];
}
