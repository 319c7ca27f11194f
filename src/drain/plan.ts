/** What a drain does to each service with tasks on the node. Pure. */
import type { Service, ServiceSpec } from '../api/service.ts';
import { markedNode, withMark } from '../service-spec/drain-mark.ts';
import { isJobSpec } from '../service-spec/mode.ts';
import { nearest } from '../values/integer.ts';
import { compareNaturally } from '../values/natural-sort.ts';
import { isRunning, nameOf, staysOn, tasksOf, wantedOf } from './move.ts';
import { nodeRefusals, placeRefusals, serviceRefusals, unmarkRefusals } from './refusals.ts';
import type { DrainRefusal } from './refusals.ts';
import type { DrainOptions, Situation } from './read.ts';

export interface Move {
  readonly service: Service;
  /** Its spec with the mark. If an earlier run has sent that, it is the stored spec. */
  readonly draft: ServiceSpec;
  readonly isSent: boolean;
  /** How many of its tasks are on the node. */
  readonly count: number;
  readonly wanted: number;
  readonly order: 'start-first' | 'stop-first';
  /** How many run at least while it moves, by its order and parallelism. */
  readonly fewest: number;
}

export interface DrainPlan {
  readonly moves: readonly Move[];
  readonly refusals: readonly DrainRefusal[];
  /** Jobs run on: a drain does not stop them. */
  readonly jobs: readonly Service[];
  readonly notes: readonly string[];
}

export function planDrain(situation: Situation, options: DrainOptions): DrainPlan {
  const { node, tasks } = situation;
  const services = [...situation.services].sort((a, b) => compareNaturally(nameOf(a), nameOf(b)));
  const live = new Set(tasks.filter((task) => staysOn(task, node.ID)).map(({ ServiceID }) => ServiceID));
  const marked = services.filter(({ Spec }) => markedNode(Spec) === node.ID);
  const here = services.filter((one) => live.has(one.ID) && !marked.includes(one));
  const jobs = here.filter(({ Spec }) => isJobSpec(Spec));
  const globals = here.filter(({ Spec }) => Spec.Mode?.Global !== undefined);
  const replicated = here.filter((one) => !jobs.includes(one) && !globals.includes(one));
  const down = replicated.filter(({ ID }) => options.mayBeDown.has(ID));
  const moving = replicated.filter((one) => !down.includes(one));
  const moves = [...marked, ...moving].map((service) => moveOf(service, situation, options));
  const asked = moves.filter(({ isSent }) => !isSent);
  const fixed = asked.flatMap(({ service, draft }) => serviceRefusals(service, draft, situation, options));
  return {
    moves,
    refusals: [
      ...nodeRefusals(situation, options),
      ...[...globals, ...down].flatMap((service) => serviceRefusals(service, undefined, situation, options)),
      ...marked.flatMap((service) => unmarkRefusals(service, options.program)),
      ...fixed,
      ...placeRefusals(
        asked.filter(({ service }) => !fixed.some(({ name }) => name === nameOf(service))),
        situation,
      ),
    ],
    jobs,
    notes: notesOf(moves, situation, { globals, down, jobs }, options),
  };
}

/** @param service has tasks on the node, or the mark already */
export function moveOf(
  service: Service,
  { node, tasks }: Situation,
  { startsFirst }: Pick<DrainOptions, 'startsFirst'>,
): Move {
  const own = tasksOf(service, tasks);
  const count = own.filter((task) => staysOn(task, node.ID)).length;
  const isSent = markedNode(service.Spec) === node.ID;
  const draft = isSent
    ? service.Spec
    : withMark(service.Spec, node.ID, { startsFirst, isSeveral: count > 1 });
  const { Order, Parallelism = 1 } = draft.UpdateConfig ?? {};
  const wanted = wantedOf(service);
  const atOnce = nearest(Parallelism) === 0 ? count : Math.min(nearest(Parallelism), count);
  const running = Math.min(wanted, own.filter(isRunning).length);
  const order = Order === 'start-first' ? Order : 'stop-first';
  const fewest = order === 'start-first' ? running : Math.max(0, running - atOnce);
  return { service, draft, isSent, count, wanted, order, fewest };
}

/** What has to be said, but keeps nothing from moving. */
function notesOf(
  moves: readonly Move[],
  { tasks }: Situation,
  { globals, down, jobs }: Readonly<Record<'globals' | 'down' | 'jobs', readonly Service[]>>,
  { program }: Pick<DrainOptions, 'program'>,
): string[] {
  const moving = (test: (move: Move) => boolean): readonly Service[] =>
    moves.filter(test).map(({ service }) => service);
  const stopFirst = moving(({ order }) => order === 'stop-first');
  const local = moving(({ service }) => hasLocalData(service));
  const failing = moving(({ service, wanted }) => tasksOf(service, tasks).filter(isRunning).length < wanted);
  const about = (what: string, services: readonly Service[], note = ''): string[] =>
    services.length === 0 ? [] : [`${what}: ${services.map(nameOf).join(', ')}${note}`];
  return [
    ...about(
      'stop-first',
      stopFirst,
      ': a task stops before the new one starts; --start-first changes the order for this move',
    ),
    ...about(
      'local data',
      local,
      ': volumes and binds stay on the node; the new tasks begin without that data',
    ),
    ...about('not all tasks run already', failing),
    ...about('down meanwhile', down, ': the tasks end when the node is drained'),
    ...about('global', globals, ': the task on the node ends when it is drained, and has no successor'),
    ...about('jobs', jobs, ': a drain does not stop them; the command waits for them'),
    ...(moves.length === 0
      ? []
      : [
          `afterwards, ${program} rollback has no previous spec of before the drain; ${program} rollback --to works`,
        ]),
  ];
}

const hasLocalData = ({ Spec }: Service): boolean =>
  (Spec.TaskTemplate.ContainerSpec?.Mounts ?? []).some(
    ({ Type = 'bind', VolumeOptions }) =>
      Type === 'bind' || (Type === 'volume' && /^(local)?$/.test(VolumeOptions?.DriverConfig?.Name ?? '')),
  );
