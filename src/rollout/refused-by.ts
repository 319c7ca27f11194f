/** The text about nodes that take no task: reports and plans share it. */
import type { RefusedBy } from './evidence.ts';

/** The most names of nodes in a text for people. */
const MOST_NAMES = 5;

/** "worker1, worker2: insufficient resources (2 CPUs wanted, 0.5 free); manager: not available for new tasks (drained)". */
export const refusalText = (groups: readonly RefusedBy[]): string =>
  groups.map(({ nodes, reason }) => `${namesOf(nodes)}: ${reason}`).join('; ');

function namesOf(nodes: readonly string[]): string {
  if (nodes.length <= MOST_NAMES) return nodes.join(', ');
  return `${nodes.slice(0, MOST_NAMES).join(', ')} and ${nodes.length - MOST_NAMES} more`;
}
