/** Names of nodes, as people see them. Pure. */
import type { Node } from '../api/cluster.ts';
import { groupBy } from '../values/group-by.ts';
import { printable } from '../values/printable.ts';

/** How many characters of an id stand behind a name that is not unique. */
const SHORT_ID = 6;

/**
 * The name of each node by its id. The engine does not require unique host names: where several nodes have one name, each
 * has the start of its id behind it, "worker1 (x7k2p9)". A node that has never told its host name is named by its id.
 * @param nodes all nodes of the swarm
 */
export function nodeNames(nodes: readonly Node[]): ReadonlyMap<string, string> {
  const byName = groupBy(nodes, ({ ID, Spec, Description }) =>
    printable(Spec.Name || Description?.Hostname || ID),
  );
  return new Map(
    [...byName].flatMap(([name, same]) => {
      const ids = same.map(({ ID }) => ID);
      const length = distinctLength(ids);
      return ids.map((id) => [id, ids.length === 1 ? name : `${name} (${id.slice(0, length)})`] as const);
    }),
  );
}

/** The least length, from SHORT_ID, at which the starts of the ids differ. */
function distinctLength(ids: readonly string[]): number {
  let length = SHORT_ID;
  while (new Set(ids.map((id) => id.slice(0, length))).size < new Set(ids).size) length += 1;
  return length;
}
