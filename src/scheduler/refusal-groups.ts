/** Why nodes take no task, in few words: reports and plans share it. */
import type { RefusedBy } from '../rollout/evidence.ts';
import type { Refusal } from './filters.ts';

/** More different details of one reason than that are left out. */
const MOST_DETAILS = 3;

/**
 * The nodes by reason, the most frequent reason first. A reason has the engine's words and, in parentheses, what is wanted and
 * what there is: "missing plugin (log driver gelf)".
 */
export function refusalGroups(refusals: readonly Refusal[]): readonly RefusedBy[] {
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
