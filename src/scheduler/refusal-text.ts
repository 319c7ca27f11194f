/** Why nodes take no task, in few words: reports and plans share it. */
import type { Refusal } from './filters.ts';

/** Nodes that refuse a task for the same reason. */
export interface RefusalGroup {
  readonly nodes: readonly string[];
  /** The engine's words and, in parentheses, what is wanted and what there is: "missing plugin (log driver gelf)". */
  readonly reason: string;
}

/** More different details of one reason than that are left out. */
const MOST_DETAILS = 3;
/** The most names of nodes in a text for people. */
const MOST_NAMES = 5;

/** The nodes by reason, the most frequent reason first. */
export function refusalGroups(refusals: readonly Refusal[]): readonly RefusalGroup[] {
  const details = new Map<string, Set<string>>();
  for (const { words, detail } of refusals)
    details.set(words, (details.get(words) ?? new Set<string>()).add(detail));
  const groups = new Map<string, string[]>();
  for (const { node, words, detail } of refusals) {
    const isFew = (details.get(words)?.size ?? 0) <= MOST_DETAILS;
    const reason = detail === '' || !isFew ? words : `${words} (${detail})`;
    groups.set(reason, [...(groups.get(reason) ?? []), node]);
  }
  return [...groups]
    .map(([reason, nodes]) => ({ reason, nodes: nodes.sort() }))
    .sort((a, b) => b.nodes.length - a.nodes.length);
}

/** "worker1, worker2: insufficient resources (2 CPUs wanted, 0.5 free); manager: not available for new tasks (drained)". */
export const refusalText = (groups: readonly RefusalGroup[]): string =>
  groups.map(({ nodes, reason }) => `${namesOf(nodes)}: ${reason}`).join('; ');

function namesOf(nodes: readonly string[]): string {
  if (nodes.length <= MOST_NAMES) return nodes.join(', ');
  return `${nodes.slice(0, MOST_NAMES).join(', ')} and ${nodes.length - MOST_NAMES} more`;
}
