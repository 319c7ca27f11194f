/** Which nodes a global service wants a task on: the engine's own rules for placement constraints. */
import type { NodeSeen } from './observation.ts';

/**
 * Whether a global service puts a task on the node: it is neither down nor drained, and it meets every
 * constraint. A paused node keeps the task that it has but gets no new one.
 */
export function isEligible(node: NodeSeen, constraints: readonly string[], hasTask: boolean): boolean {
  if (node.down || node.availability === 'drain') return false;
  if (node.availability === 'pause' && !hasTask) return false;
  return constraints.every((constraint) => meets(node, constraint));
}

/** One constraint, `KEY==VALUE` or `KEY!=VALUE`; values compare without regard to case, an absent key is empty. */
function meets(node: NodeSeen, constraint: string): boolean {
  const [, key = '', operator, value = ''] = /^\s*(.+?)\s*(==|!=)\s*(.*?)\s*$/s.exec(constraint) ?? [];
  if (operator === undefined) return true;
  const actual = node.attributes[attributeName(key)] ?? '';
  const equal =
    value.includes('/') && key.toLowerCase() === 'node.ip' ? inSubnet(actual, value) : same(actual, value);
  return operator === '==' ? equal : !equal;
}

/** Keys compare without regard to case, but for the label's own name. */
function attributeName(key: string): string {
  const prefix = ['node.labels.', 'engine.labels.'].find((one) => key.toLowerCase().startsWith(one));
  return prefix === undefined ? key.toLowerCase() : prefix + key.slice(prefix.length);
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** IPv4 only: `10.0.0.0/8`. */
function inSubnet(address: string, subnet: string): boolean {
  const [base = '', bits = '32'] = subnet.split('/');
  const mask = Number(bits) === 0 ? 0 : (-1 << (32 - Number(bits))) >>> 0;
  return (toNumber(address) & mask) >>> 0 === (toNumber(base) & mask) >>> 0;
}

const toNumber = (address: string): number =>
  address.split('.').reduce((total, part) => total * 256 + Number(part), 0) >>> 0;
