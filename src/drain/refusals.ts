/** Why a node cannot be drained without harm, and what to do. Pure. */
import type { Node } from '../api/cluster.ts';
import type { Service, ServiceSpec, Task } from '../api/service.ts';
import { nodeSeen } from '../engine/convert.ts';
import { nodeNames } from '../engine/node-names.ts';
import type { NodeSeen } from '../rollout/observation.ts';
import { placementsOf } from '../scheduler/placement.ts';
import { placementRisks } from '../scheduler/risks.ts';
import { constraintAgainst, DRAIN_LABEL, labelledNode, withoutMark } from '../service-spec/drain-mark.ts';
import { changedSlots } from '../service-spec/replaced-tasks.ts';
import type { PlannedChange } from '../service-spec/replaced-tasks.ts';
import { sameSpec } from '../service-spec/same.ts';
import { dockerOf } from '../values/docker-program.ts';
import { printable } from '../values/printable.ts';
import { shellWord } from '../values/shell-words.ts';
import { networkIdsOf } from '../watch/missing-objects.ts';
import { hasNotEnded, nameOf, tasksOf } from './move.ts';
import { hasOtherLabel, isUnderWay } from './node.ts';
import type { DrainOptions, Situation } from './read.ts';

export interface DrainRefusal {
  /** The node or the service. */
  readonly name: string;
  readonly reason: string;
  readonly todo: string;
}

/** Why the node itself cannot be drained. */
export function nodeRefusals(
  { node, nodes }: Situation,
  { program }: Pick<DrainOptions, 'program'>,
): DrainRefusal[] {
  const names = nodeNames(nodes);
  const name = names.get(node.ID) ?? node.ID;
  const hostname = node.Description?.Hostname;
  // As docker takes it: a name that several nodes have is no reference.
  const word = hostname !== undefined && name === hostname ? shellWord(name) : node.ID;
  const docker = dockerOf(program);
  const refusals: DrainRefusal[] = [];
  const refuse = (reason: string, todo: string): void => void refusals.push({ name, reason, todo });
  if (node.Status.State !== 'ready')
    refuse(
      `the node is ${printable(node.Status.State)}`,
      node.Status.State === 'down'
        ? `start it again, or ${isUnderWay(node) ? `undo the drain with: ${program} node undrain ${word}` : `take it out of the swarm with: ${docker} node rm ${word}`}`
        : 'the manager has not heard from it yet: run the command again in a minute',
    );
  if (hasOtherLabel(node))
    refuse(
      `the node has a label ${DRAIN_LABEL} that swarmroll has not set`,
      `remove it with: ${docker} node update --label-rm ${DRAIN_LABEL} ${word}`,
    );
  for (const other of nodes.filter((one) => one.ID !== node.ID && isUnderWay(one)))
    refuse(
      `a drain of ${names.get(other.ID) ?? other.ID} is under way, or was interrupted`,
      `finish it, or undo it with: ${program} node undrain ${other.ID}`,
    );
  return refusals;
}

const orDown = ({ ID, Spec }: Service): string =>
  `, or accept that it is down meanwhile: --allow-down ${shellWord(Spec.Name ?? ID)}`;

/**
 * Why a service cannot move, wherever its tasks would find a place (placeRefusals).
 * @param draft its spec with the mark; undefined if its tasks end with the drain and it does not move
 */
export function serviceRefusals(
  service: Service,
  draft: ServiceSpec | undefined,
  situation: Situation,
  { program }: Pick<DrainOptions, 'program'>,
): DrainRefusal[] {
  const { node } = situation;
  const name = nameOf(service);
  const word = shellWord(service.Spec.Name ?? service.ID);
  const refused = (reason: string, todo: string): DrainRefusal[] => [{ name, reason, todo }];
  const state = service.UpdateStatus?.State;
  if (state === 'updating' || state === 'rollback_started')
    return refused('it is being updated', `wait for that with: ${program} wait ${word}`);
  // A global service is not posted, and a paused update stays paused.
  if (draft === undefined) return [];
  if (state === 'paused' || state === 'rollback_paused') {
    const what = state === 'paused' ? 'update' : 'rollback';
    return refused(
      `its ${what} is paused, and any change would resume it`,
      `bring it to an end first, for example with: ${program} rollback ${word}`,
    );
  }
  const constraint = constraintAgainst(node.ID);
  if (service.Spec.TaskTemplate.Placement?.Constraints?.includes(constraint) === true)
    return refused(
      `it has the constraint ${constraint} already, and not from a drain`,
      `remove it first with: ${program} update --constraint-rm ${shellWord(constraint)} ${word}`,
    );
  if (service.Spec.Labels?.[DRAIN_LABEL] !== undefined) {
    const other = labelledNode(service.Spec);
    return other === undefined
      ? refused(
          `it has a label ${DRAIN_LABEL} without the constraint of a drain`,
          `remove it with: ${program} update --label-rm ${DRAIN_LABEL} ${word}`,
        )
      : refused(
          `a drain of the node ${other} has changed it`,
          `undo that with: ${program} node undrain ${other}`,
        );
  }
  const { slots } = changedSlots(changeOf({ service, draft }, situation));
  const replaced = slots.filter(({ kept }) => kept === undefined);
  if (replaced.some(({ tasks }) => !tasks.some(hasNotEnded)))
    return refused(
      'a task that has ended and is not restarted would run again',
      `remove the service, or update it first${orDown(service)}`,
    );
  // The engine replaces a task without a node whatever has changed; nothing is lost with it.
  const mayGo = (task: Task): boolean => hasNotEnded(task) && ['', node.ID].includes(task.NodeID ?? '');
  if (replaced.some(({ tasks }) => !tasks.some(mayGo)))
    return refused(
      'tasks on other nodes have another spec than the service, and would be replaced too',
      `bring the service up to date first with: ${program} restart ${word}${orDown(service)}`,
    );
  return [];
}

/**
 * Why the mark cannot be taken out of a service: an update of somebody else is under way or paused. Any change would resume it, and
 * become what the engine rolls back to. A move of a drain differs from the spec before by the mark alone.
 */
export function unmarkRefusals(service: Service, program: string): DrainRefusal[] {
  const { ID, Spec, PreviousSpec = Spec, UpdateStatus } = service;
  const template = (spec: ServiceSpec): Partial<ServiceSpec> => ({
    TaskTemplate: withoutMark(spec).TaskTemplate,
  });
  const state = UpdateStatus?.State ?? 'completed';
  if (/completed$/.test(state) || sameSpec(template(Spec), template(PreviousSpec))) return [];
  const [reason, what] = state.endsWith('paused')
    ? ['its update is paused: any change would resume it', 'see how to end the update']
    : ['an update of it is under way', 'wait for that'];
  const todo = `${what} with: ${program} wait ${shellWord(Spec.Name ?? ID)}; then run the command again`;
  return [{ name: nameOf(service), reason: `a drain has changed it, and ${reason}`, todo }];
}

/** A service that moves, and its spec with the mark. */
type Moving = { readonly service: Service; readonly draft: ServiceSpec };

/** Which services find no place on the other nodes, if all of them move. */
export function placeRefusals(moving: readonly Moving[], situation: Situation): DrainRefusal[] {
  const services = new Map(situation.services.map((one) => [one.ID, one]));
  const { tasks, volumes, drivers } = situation;
  const cluster = { nodes: nodesWithout(situation), tasks, services, volumes };
  const all = moving.map((one) => ({
    change: changeOf(one, situation),
    drivers: networkIdsOf(one.draft).map((id) => drivers.get(id) ?? ''),
  }));
  const placements = placementsOf(all, cluster);
  return moving.flatMap((one, index): DrainRefusal[] => {
    const [place, placement] = [all[index], placements[index]];
    if (place === undefined || placement === undefined) return [];
    const beside = all.filter((other) => other !== place);
    const [risk] = placementRisks(
      place.change,
      { ...cluster, drivers: place.drivers },
      placement,
      false,
      beside,
    );
    if (risk === undefined) return [];
    const reason = `no place on another node: ${risk.message}`;
    const todo = `make room, or change its placement${orDown(one.service)}`;
    return [{ name: nameOf(one.service), reason, todo }];
  });
}

const changeOf = ({ service, draft }: Moving, situation: Situation): PlannedChange => ({
  before: service,
  after: draft,
  tasks: tasksOf(service, situation.tasks),
  nodes: nodesWithout(situation).map(({ seen }) => seen),
});

/** The nodes as they are during the drain. */
function nodesWithout({ node, nodes }: Situation): { readonly node: Node; readonly seen: NodeSeen }[] {
  const names = nodeNames(nodes);
  return nodes.map((one) => {
    const availability = one.ID === node.ID ? 'pause' : (one.Spec.Availability ?? 'active');
    const paused = { ...one, Spec: { ...one.Spec, Availability: availability } };
    return { node: paused, seen: nodeSeen(paused, names) };
  });
}
