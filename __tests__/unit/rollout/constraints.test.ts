/**
 * Placement constraints as swarmkit's constraint package matches them. __tests__/integration/constraints.test.ts asks the
 * engine itself, for what its nodes can show; here is the rest: IPv6 nodes, odd addresses, constraints that it refuses.
 */
import { describe, expect, test } from '@jest/globals';
import { nodeSeen } from '../../../src/engine/convert.ts';
import { isEligible } from '../../../src/rollout/constraints.ts';
import { node } from './support/made.ts';

/** A node as the engine gives it. */
const alpha = nodeSeen({
  ID: 'n1abcdef',
  Spec: {
    Role: 'worker',
    Availability: 'active',
    Labels: {
      zone: 'a',
      Upper: 'B',
      words: 'two words',
      'com.example.x-y_z': '1.5',
      pattern: 'a.b|c$',
      long: 'ſ',
      kelvin: '\u212A',
      sharp: 'ß',
      dotted: 'İ',
      empty: '',
    },
  },
  Description: {
    Hostname: 'Alpha',
    Platform: { OS: 'linux', Architecture: 'x86_64' },
    Engine: { Labels: { disk: 'ssd' } },
  },
  Status: { State: 'ready', Addr: '10.1.2.3' },
});
/** A node that has joined and told nothing yet. */
const bare = nodeSeen({ ID: 'n2', Spec: {}, Status: { State: 'unknown' } });

describe('one constraint', () => {
  test.each([
    // Keys and values compare without regard to case, labels' own names with it.
    ['node.id==n1abcdef', true],
    ['node.id==N1ABCDEF', true],
    ['node.id==n1abc', false],
    ['node.id!=n1abc', true],
    ['node.hostname==alpha', true],
    ['node.hostname==Alpha', true],
    ['node.hostname!=ALPHA', false],
    ['NODE.HOSTNAME==alpha', true],
    ['node.role==worker', true],
    ['Node.Role==WORKER', true],
    ['node.role==manager', false],
    ['node.role!=manager', true],
    ['node.platform.os==Linux', true],
    ['node.platform.os!=windows', true],
    // The raw architecture, not Go's name.
    ['node.platform.arch==x86_64', true],
    ['node.platform.arch==X86_64', true],
    ['node.platform.arch==amd64', false],
    ['node.platform.arch!=amd64', true],
    ['node.labels.zone==a', true],
    ['node.labels.zone==A', true],
    ['node.labels.zone!=a', false],
    ['node.labels.zone==b', false],
    ['NODE.LABELS.zone==a', true],
    ['node.labels.Zone==a', false],
    ['node.labels.Zone!=a', true],
    ['node.labels.Upper==b', true],
    ['node.labels.upper==b', false],
    ['node.labels.com.example.x-y_z==1.5', true],
    ['engine.labels.disk==SSD', true],
    ['Engine.Labels.disk==ssd', true],
    ['engine.labels.disk!=ssd', false],
    ['engine.labels.zone==a', false],
    ['node.labels.disk==ssd', false],
    // What is missing is empty, and no value is.
    ['node.labels.none==x', false],
    ['node.labels.none!=x', true],
    ['node.labels.empty!=x', true],
    ['engine.labels.none==x', false],
    ['engine.labels.none!=x', true],
    // Spaces around the operator do not count, those in a value do.
    ['node.role == worker', true],
    ['  node.role\t==\n worker  ', true],
    ['\u00a0node.role\u0085==\u2003worker', true],
    ['node.labels.words==two words', true],
    ['node.labels.words==Two Words', true],
    ['node.labels.words==two  words', false],
    // Neither globs nor regular expressions.
    ['node.hostname==al*', false],
    ['node.hostname==al.ha', false],
    ['node.hostname!=.*', true],
    ['node.labels.pattern==a.b|c$', true],
    ['node.labels.pattern==A.B|C$', true],
    ['node.labels.pattern==axb|c$', false],
    // Unicode's simple case folding.
    ['node.labels.long==s', true],
    ['node.labels.long==S', true],
    ['node.labels.zone==ſ', false],
    ['node.labels.kelvin==k', true],
    ['node.labels.sharp==ss', false],
    ['node.labels.dotted==i', false],
    // Unknown keys match no node, with either operator.
    ['node.labels==a', false],
    ['node.labels!=a', false],
    ['node.labels.!=a', false],
    ['engine.labels.!=a', false],
    ['node.name!=a', false],
    ['node.platform!=a', false],
    ['role!=a', false],
    ['constructor!=a', false],
    ['__proto__!=a', false],
    ['node.labels.__proto__!=a', true],
    ['node.labels.constructor==a', false],
    // "==" is looked for before "!=".
    ['node.labels.a!=b', true],
  ])('%j: %s', (constraint, expected) => {
    expect(isEligible(alpha, [constraint], false)).toBe(expected);
  });

  test.each([
    ['node.id==n2', true],
    ['node.hostname==alpha', false],
    ['node.hostname!=alpha', true],
    ['node.role==worker', false],
    ['node.platform.os==linux', false],
    ['node.platform.arch!=x86_64', true],
    ['node.labels.zone!=a', true],
    ['engine.labels.disk!=ssd', true],
    ['node.ip==0.0.0.0/0', false],
    ['node.ip!=0.0.0.0/0', true],
  ])('of a node that has told nothing yet, %j: %s', (constraint, expected) => {
    expect(isEligible(bare, [constraint], false)).toBe(expected);
  });
});

describe('node.ip', () => {
  const at = (address: string) => node('n1', { attributes: { 'node.ip': address } });

  test.each([
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.4', false],
    ['10.1.2.3', '10.0.0.0/8', true],
    ['10.1.2.3', '10.9.9.9/8', true],
    ['10.1.2.3', '10.0.0.0/08', true],
    ['10.127.0.1', '10.0.0.0/9', true],
    ['10.128.0.1', '10.0.0.0/9', false],
    ['10.1.2.3', '0.0.0.0/0', true],
    ['200.1.2.3', '0.0.0.0/1', false],
    ['10.1.2.3', '10.1.2.3/32', true],
    ['10.1.2.3', '10.1.2.2/31', true],
    ['10.1.2.3', '10.1.2.4/31', false],
    ['fd12::1', 'fd00::/8', true],
    ['fd12::1', 'FD00::/8', true],
    ['fe80::1', 'fd00::/8', false],
    ['fd7f::1', 'fd00::/9', true],
    ['fd80::1', 'fd00::/9', false],
    ['2001:db8::2', '2001:0DB8:0:0::2', true],
    ['2001:db8::2', '2001:db8::2/128', true],
    ['2001:db8::2', '2001:db8::3', false],
    // Families do not meet, except that "::ffff:a.b.c.d" is IPv4.
    ['10.1.2.3', 'fd00::/8', false],
    ['10.1.2.3', '::/0', false],
    ['fd12::1', '0.0.0.0/0', false],
    ['fd12::1', '::/0', true],
    ['10.1.2.3', '::ffff:10.1.2.3', true],
    ['::ffff:10.1.2.3', '10.1.2.3', true],
    ['::ffff:10.1.2.3', '10.0.0.0/8', true],
    ['::ffff:a01:203', '10.1.2.3', true],
    ['::ffff:10.1.2.3', '::/0', false],
    ['10.1.2.3', '::ffff:10.0.0.0/104', true],
    ['11.1.2.3', '::ffff:10.0.0.0/104', false],
    ['10.1.2.3', '::ffff:0.0.0.0/96', true],
    ['10.1.2.3', '::ffff:0.0.0.0/95', false],
    ['::a01:203', '10.1.2.3', false],
    // A node without an address of use is in no subnet.
    ['', '0.0.0.0/0', false],
    ['', '::/0', false],
    ['manager', '0.0.0.0/0', false],
    ['fe80::1%eth0', 'fe80::/10', false],
  ])('%s, %s: %s', (address, value, expected) => {
    const both = ['==', '!='].map((operator) =>
      isEligible(at(address), [`node.ip${operator}${value}`], false),
    );
    expect(both).toEqual([expected, !expected]);
  });

  test.each([
    'worker1',
    '10.1.2',
    '10.1.2.3.4',
    '010.1.2.3',
    '10.1.2.0/33',
    '10.1.2.0/-1',
    '10.1.2.0/',
    '10.1.2.0/a',
    '10.1.2.0/8/8',
    '/8',
    'fd00::/129',
    'fd00:::/8',
    '10.1.2.*',
  ])('%s is neither an address nor a subnet and matches no node', (value) => {
    const both = ['==', '!='].map((operator) =>
      isEligible(at('10.1.2.3'), [`node.ip${operator}${value}`], false),
    );
    expect(both).toEqual([false, false]);
  });
});

describe('several constraints', () => {
  test.each([
    [[], true],
    [['node.role==worker', 'node.labels.zone==a'], true],
    [['node.role==worker', 'node.labels.zone==b'], false],
    [['node.labels.zone!=b', 'node.labels.zone!=c'], true],
    [['node.labels.zone==a', 'node.labels.zone==b'], false],
  ])('%j: %s', (constraints, expected) => {
    expect(isEligible(alpha, constraints, false)).toBe(expected);
  });

  test.each([
    '',
    'node.role',
    'node.role=manager',
    'node.role>manager',
    '==manager',
    'node.role==',
    'node.role!=  ',
    'n==manager',
    '1node==x',
    'node role==x',
    'node.labels.a/b==x',
    'node.labels.x==a,b',
    'node.labels.x==a@b',
    'node.labels.x==ä',
    'node.labels.x===a',
    'node.labels.x==a==b',
    'node.labels.x!=a!=b',
    'node.labels.x!=a==b',
    'node.labels.x==a!=b',
    '\ufeffnode.role==manager',
    'node.labels.x==a\u00a0b',
  ])('%j, which the engine refuses, would set all of them aside', (constraint) => {
    expect(isEligible(alpha, ['node.role==manager', constraint], false)).toBe(true);
  });
});

describe('the node itself', () => {
  test.each([
    [{}, true, true],
    [{ down: true }, false, false],
    [{ availability: 'drain' }, false, false],
    [{ availability: 'pause' }, false, true],
    [{ availability: 'pause', down: true }, false, false],
  ])('%j: %s without a task, %s with one', (fields, without, withOne) => {
    const one = { ...alpha, ...fields };
    expect([isEligible(one, [], false), isEligible(one, [], true)]).toEqual([without, withOne]);
  });

  test.each([
    ['ready', true],
    ['unknown', true],
    ['disconnected', true],
    ['down', false],
  ])('in the state %s: %s', (State, expected) => {
    expect(isEligible(nodeSeen({ ID: 'n1', Spec: {}, Status: { State } }), [], false)).toBe(expected);
  });

  test('being demoted is a manager as long as it is in the raft', () => {
    const Status = { State: 'ready' };
    const demoted = nodeSeen({
      ID: 'n1',
      Spec: { Role: 'worker' },
      Status,
      ManagerStatus: { Leader: false },
    });
    const promoted = nodeSeen({ ID: 'n1', Spec: { Role: 'manager' }, Status });
    expect([demoted, promoted].map((one) => isEligible(one, ['node.role==manager'], false))).toEqual([
      true,
      true,
    ]);
  });
});
