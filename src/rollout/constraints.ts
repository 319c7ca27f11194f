/**
 * Placement constraints: which nodes meet them, and which nodes a global service wants a task on, by the engine's own rules (swarmkit
 * manager/constraint/constraint.go and manager/orchestrator/global/global.go).
 */
import { BlockList, isIP, isIPv4 } from 'node:net';
import type { NodeSeen } from './observation.ts';

/**
 * Whether a global service wants a task on the node: the node is neither down nor drained, and it matches every
 * constraint. A paused node keeps a task that it has and gets no new one. Nothing else excludes a node: on one that lacks
 * the platform, the resources or a plugin, and on one that is "unknown" or "disconnected", the engine makes a task that
 * stays pending (global.go reconcileServices and updateNode; only then comes manager/scheduler/filter.go).
 *
 * @param constraints as the engine has stored them
 * @param hasTask whether a task that should run is on the node
 */
export function isEligible(node: NodeSeen, constraints: readonly string[], hasTask: boolean): boolean {
  if (node.down || node.availability === 'drain') return false;
  if (node.availability === 'pause' && !hasTask) return false;
  return meetsConstraints(node, constraints);
}

/**
 * Whether a change of its constraints leaves no node to a global service, and those before left one.
 * @param nodesWithTask the ids of the nodes with a task that should run
 */
export function losesAllNodes(
  nodes: readonly NodeSeen[],
  [before, after]: readonly [before: readonly string[], after: readonly string[]],
  nodesWithTask: ReadonlySet<string | undefined>,
): boolean {
  return (
    before.join('\n') !== after.join('\n') &&
    !nodes.some((node) => isEligible(node, after, nodesWithTask.has(node.id))) &&
    nodes.some((node) => isEligible(node, before, true))
  );
}

/** Whether the node matches every constraint. */
export function meetsConstraints(node: NodeSeen, constraints: readonly string[]): boolean {
  return parse(constraints).every((matches) => matches(node));
}

/** Whether the engine can parse the constraint; it refuses a spec with any other. */
export const isConstraint = (text: string): boolean => parseOne(text) !== undefined;

type Constraint = (node: NodeSeen) => boolean;

/** A swarm may have a thousand nodes, which are matched at every poll: constraints are parsed once. */
const parsedBefore = new WeakMap<readonly string[], readonly Constraint[]>();

/**
 * The engine refuses a spec with a constraint that it can't parse. If one is stored all the same, it ignores all
 * constraints, not only that one (Parse; global.go updateService ignores its error).
 */
function parse(constraints: readonly string[]): readonly Constraint[] {
  const before = parsedBefore.get(constraints);
  if (before !== undefined) return before;
  const all = constraints.map(parseOne).filter((one) => one !== undefined);
  const parsed = all.length === constraints.length ? all : [];
  parsedBefore.set(constraints, parsed);
  return parsed;
}

/** Without regard to case. With the flag u, as in Go, "ſ" is an s and the Kelvin sign a k. */
const KEY = /^[a-z_][a-z0-9\-_.]+$/iu;
const VALUE = /^[a-z0-9:\-_ \t\n\f\r.*()?+[\]\\^$|/]+$/iu;

function parseOne(text: string): Constraint | undefined {
  // Go splits at "==" first, wherever it stands. The result is the same: KEY and VALUE match no text with a second operator.
  const [, before = '', operator = '', after = ''] = /^(.*?)(==|!=)(.*)$/s.exec(text) ?? [];
  const [key, value] = [trimmed(before), trimmed(after)];
  if (!KEY.test(key) || !VALUE.test(value)) return undefined;
  const name = attributeName(key);
  const isEqual = name === 'node.ip' ? addressTest(value) : equalFold(value);
  // An unknown key, and an address that is none, match no node, whatever the operator (NodeMatches).
  if (name === undefined || isEqual === undefined) return () => false;
  // A label or an attribute that the node does not have counts as an empty text.
  return ({ attributes }) => isEqual(attributes[name] ?? '') === (operator === '==');
}

/** Go's TrimSpace. JavaScript's trim() takes other characters for spaces. */
const trimmed = (text: string): string => text.replaceAll(/^\p{White_Space}+|\p{White_Space}+$/gu, '');

const ATTRIBUTES = [
  'node.id',
  'node.hostname',
  'node.ip',
  'node.role',
  'node.platform.os',
  'node.platform.arch',
];
const LABELS = ['node.labels.', 'engine.labels.'];

/** Keys compare without regard to case, except for a label's own name. */
function attributeName(key: string): string | undefined {
  const prefix = LABELS.find((one) => key.toLowerCase().startsWith(one));
  if (prefix === undefined) return ATTRIBUTES.find(equalFold(key));
  return key.length > prefix.length ? prefix + key.slice(prefix.length) : undefined;
}

/** Go's strings.EqualFold: Unicode's simple case folding, which is what the flags i and u do. */
function equalFold(value: string): (text: string) => boolean {
  const folded = new RegExp(`^${value.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}$`, 'iu');
  return (text) => folded.test(text);
}

/** A test for an address or a subnet; undefined if the value is neither. */
function addressTest(value: string): ((address: string) => boolean) | undefined {
  const [, base = '', bits] = /^([^/]*)(?:\/(\d+))?$/.exec(value) ?? [];
  const width = { 4: 32, 6: 128 }[isIP(base)];
  const prefix = Number(bits ?? width);
  if (width === undefined || prefix > width) return undefined;
  const contains = subnet(base, prefix);
  const isSubnetV4 = isIPv4(base) || (prefix >= 96 && isV4(base));
  // Go compares within a family, BlockList across: to Go, an IPv4 address is in no IPv6 subnet, not even in ::/0.
  // And Go makes no address of a link-local one with a zone.
  return (address) =>
    isIP(address) !== 0 && !address.includes('%') && isV4(address) === isSubnetV4 && contains(address);
}

/** Go takes an IPv4 address for one where it is written as IPv6, too: "::ffff:10.0.0.1". */
const isV4 = (address: string): boolean => isIPv4(address) || subnet('::ffff:0:0', 96)(address);

function subnet(base: string, prefix: number): (address: string) => boolean {
  const list = new BlockList();
  list.addSubnet(base, prefix, familyOf(base));
  return (address) => list.check(address, familyOf(address));
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv4(address) ? 'ipv4' : 'ipv6');
