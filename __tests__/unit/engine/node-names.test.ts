/** Nodes with one host name are told apart, and every name is printable. */
import { expect, test } from '@jest/globals';
import type { Node } from '../../../src/api/cluster.ts';
import { nodesSeen } from '../../../src/engine/convert.ts';
import { nodeNames } from '../../../src/engine/node-names.ts';

const node = (ID: string, Hostname?: string, Name?: string): Node => ({
  ID,
  Spec: Name === undefined ? {} : { Name },
  Status: { State: 'ready' },
  ...(Hostname === undefined ? {} : { Description: { Hostname } }),
});

test('a name that is unique stays as it is', () => {
  const names = nodeNames([node('x7k2p9aaaa', 'worker1'), node('b1', 'worker2'), node('c1', 'h', 'named')]);
  expect([...names.values()]).toEqual(['worker1', 'worker2', 'named']);
});

test('nodes of the same name have the start of their id behind it', () => {
  const names = nodeNames([
    node('x7k2p9aaaa', 'worker1'),
    node('b1', 'worker2'),
    node('q3m8zzbbbb', 'worker1'),
  ]);
  expect(Object.fromEntries(names)).toEqual({
    x7k2p9aaaa: 'worker1 (x7k2p9)',
    q3m8zzbbbb: 'worker1 (q3m8zz)',
    b1: 'worker2',
  });
});

test('ids that start alike are shown until they differ', () => {
  const names = nodeNames([node('x7k2p9aa', 'w'), node('x7k2p9ab', 'w')]);
  expect([...names.values()]).toEqual(['w (x7k2p9aa)', 'w (x7k2p9ab)']);
});

test('a node without a host name is named by its id', () => {
  expect(nodeNames([node('n1'), node('n2', '')]).get('n2')).toBe('n2');
});

test('names that differ only in what is not printable are told apart', () => {
  const names = nodeNames([node('aaaaaaa', 'w\u001b[31m'), node('bbbbbbb', 'w\\x1b[31m')]);
  expect(new Set(names.values()).size).toBe(2);
});

test('a poll has the names that tell nodes apart, and the host name for constraints', () => {
  const seen = nodesSeen([node('x7k2p9aaaa', 'worker1'), node('q3m8zzbbbb', 'worker1')]);
  expect(seen.map(({ name }) => name)).toEqual(['worker1 (x7k2p9)', 'worker1 (q3m8zz)']);
  expect(seen.map(({ attributes }) => attributes['node.hostname'])).toEqual(['worker1', 'worker1']);
});
