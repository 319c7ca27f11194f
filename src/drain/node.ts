/** What a drain changes of the node: its availability, and a label with the availability from before. */
import type { Node, NodeSpec } from '../api/cluster.ts';
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { EngineError } from '../errors.ts';
import { DRAIN_LABEL } from '../service-spec/drain-mark.ts';
import { findNode, untilAnswered } from './read.ts';

const AVAILABILITIES: readonly string[] = ['active', 'pause', 'drain'];

/** The availability before the drain; undefined if the node has no label of a drain. */
export function availabilityBefore({ Spec }: Pick<Node, 'Spec'>): string | undefined {
  const label = Spec.Labels?.[DRAIN_LABEL];
  return label !== undefined && AVAILABILITIES.includes(label) ? label : undefined;
}

/** Whether the node has the label, but not with a value of a drain. */
export const hasOtherLabel = (node: Node): boolean =>
  node.Spec.Labels?.[DRAIN_LABEL] !== undefined && availabilityBefore(node) === undefined;

/** Whether a drain of the node has begun and is not finished. On a node that somebody has set active, the label is left over. */
export const isUnderWay = (node: Pick<Node, 'Spec'>): boolean =>
  availabilityBefore(node) !== undefined && node.Spec.Availability === 'pause';

/** An availability, for people: "paused". */
export const availabilityWord = (availability = 'active'): string =>
  ({ pause: 'paused', drain: 'drained' })[availability] ?? availability;

/** The node is paused: it keeps its tasks and gets no others. The label keeps the availability of the first run. */
export function begun(spec: NodeSpec): NodeSpec {
  const { Availability = 'active', Labels } = spec;
  const availability = Availability === 'pause' ? (Labels?.[DRAIN_LABEL] ?? Availability) : Availability;
  return { ...spec, Availability: 'pause', Labels: { ...Labels, [DRAIN_LABEL]: availability } };
}

/** As before the drain. */
export function undone(spec: NodeSpec): NodeSpec {
  const { [DRAIN_LABEL]: availability = 'active', ...Labels } = spec.Labels ?? {};
  return { ...spec, Availability: availability, Labels };
}

/** Changes the node as it is stored then. Doing it twice is harmless. */
export async function changeNode(
  call: Call,
  engine: Engine,
  id: string,
  change: (spec: NodeSpec) => NodeSpec,
): Promise<void> {
  const { interrupted } = call.world;
  await untilAnswered(call, async () => {
    const { Spec, Version } = findNode(await engine.nodes({ id: [id] }, interrupted), id, engine.host);
    const spec = change(Spec);
    if (JSON.stringify(spec) === JSON.stringify(Spec)) return;
    try {
      await engine.updateNode(id, Version?.Index ?? 0, spec, interrupted);
    } catch (error) {
      // Whether it is stored shows when the node is read again.
      if (!(error instanceof EngineError) || error.fault !== 'unknown') throw error;
      throw new EngineError('unreachable', error.message, { fault: 'transient', cause: error });
    }
  });
}
