/** Why nodes take no task, in few words: reports and plans share it. */
import type { RefusedBy } from '../rollout/evidence.ts';
import { groupBy } from '../values/group-by.ts';
import type { Refusal } from './filters.ts';

/** More different details of one reason than that are left out. */
const MOST_DETAILS = 3;

/**
 * The nodes by reason, the most frequent reason first. A reason has the engine's words and, in parentheses, what is wanted and
 * what there is: "missing plugin (log driver gelf)".
 */
export function refusalGroups(refusals: readonly Refusal[]): readonly RefusedBy[] {
  const byWords = [...groupBy(refusals, ({ words }) => words)];
  const tooMany = byWords.filter(([, own]) => new Set(own.map(({ detail }) => detail)).size > MOST_DETAILS);
  const bare = new Set(tooMany.map(([words]) => words));
  const groups = groupBy(refusals, ({ words, detail }) =>
    detail === '' || bare.has(words) ? words : `${words} (${detail})`,
  );
  return [...groups]
    .map(([reason, own]) => ({ reason, nodes: own.map(({ node }) => node).sort() }))
    .sort((a, b) => b.nodes.length - a.nodes.length);
}
