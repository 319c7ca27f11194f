/** What depends on what: the reader of `docker stack config`, the label, and what is refused. */
import { describe, expect, test } from '@jest/globals';
import { array, assert, nat, property, tuple } from 'fast-check';
import type { ServiceSpec } from '../../../src/api/service.ts';
import { dependenciesIn, mayHaveOrder, orderOf, storedOrder } from '../../../src/held-writes/depends-on.ts';
import { inStages } from '../../../src/stack-plan/order.ts';

/** As docker 28.2 and 29.7 print it, from a file that was made to mislead. */
const INDENTED = `version: "3.13"
services:
  "1":
    image: c
  db:
    image: b
  empty.x:
    entrypoint:
      - x
      - 'depends_on:'
      - web
    image: e
  web:
    command:
      - 'services:'
      - |-
        depends_on:
            - no
    depends_on:
      - db
      - "1"
      - 'yes'
    image: a
    x-foo:
      depends_on:
        - not
  "yes":
    depends_on:
      - db
    image: d
x-list:
  - a
x-services:
  web:
    depends_on:
      - fake
`;

/** As docker 26.1 prints it. */
const FLAT = `services:
  db:
    image: b
    ports:
    - mode: ingress
      target: 80
  web:
    depends_on:
    - db
    - cache.x
    image: a
    environment:
      L: |2
          depends_on:
          - evil
    x-list:
    - - depends_on
    - - depends_on:
        - false
x-services:
  web:
    depends_on:
    - fake
`;

test.each([
  ['28 and 29 indent lists', INDENTED, { web: ['db', '1', 'yes'], yes: ['db'] }],
  ['26 does not', FLAT, { web: ['db', 'cache.x'] }],
  ['there is none', 'services:\n  web:\n    image: a\n', {}],
  ['an empty one', 'services:\n  web:\n    depends_on: []\n    image: a\n', {}],
])('docker stack config: %s', (_, text, expected) => {
  expect(Object.fromEntries(dependenciesIn(text))).toEqual(expected);
});

test.each<[string, string | Buffer, boolean]>([
  ['services: {web: {image: a}}', 'services: {web: {image: a}}', false],
  ['the word', 'services: {web: {depends_on: [db]}}', true],
  ['an escape', 'services: {web: {"depends\\x5fon": [db]}}', true],
  ['UTF-16', Buffer.from('services: {web: {depends_on: [db]}}', 'utf16le'), true],
])('whether a file may have an order: %s', (_, text, expected) => {
  expect(mayHaveOrder(Buffer.from(text))).toBe(expected);
});

const spec = (label?: string): ServiceSpec => ({
  TaskTemplate: {},
  Labels: {
    'com.docker.stack.namespace': 'app',
    ...(label === undefined ? {} : { 'swarmroll.depends_on': label }),
  },
});
const services = (labels: Readonly<Record<string, string | undefined>>) =>
  Object.entries(labels).map(([name, label]) => ({ name: `app_${name}`, spec: spec(label) }));
const ofFile = (all: Readonly<Record<string, string[]>>) => new Map(Object.entries(all));

describe('the order', () => {
  test('the file and the label together, by names of the file or of the swarm', () => {
    const all = services({ web: ' db,app_cache, ', db: undefined, cache: undefined, app_db: undefined });
    const { dependencies, problems } = orderOf(all, ofFile({ web: ['app_db'] }), 'app');
    expect(problems).toEqual([]);
    expect(Object.fromEntries(dependencies)).toEqual({ app_web: ['app_app_db', 'app_db', 'app_cache'] });
  });

  test.each<[string, Readonly<Record<string, string | undefined>>, string]>([
    [
      'unknown',
      { web: 'nope' },
      'app_web depends on nope, which the Compose file does not have: add nope, or leave it out of depends_on',
    ],
    ['itself', { web: 'web' }, 'app_web depends on itself'],
    [
      'a cycle of two',
      { a: 'b', b: 'a' },
      'app_a depends on app_b depends on app_a: no service can be the first',
    ],
  ])('%s is a problem', (_, labels, problem) => {
    expect(orderOf(services(labels), new Map(), 'app')).toEqual({
      dependencies: new Map(),
      problems: [problem],
    });
  });

  test('of stored services: names that are not among them count as done', () => {
    const { dependencies } = storedOrder(services({ web: 'db,gone', db: 'web-x', api: 'api' }));
    expect(Object.fromEntries(dependencies)).toEqual({ app_web: ['app_db'] });
  });
});

describe('stages', () => {
  const sent = (...names: readonly string[]) => names.map((name) => ({ name, spec: spec() }));
  const short = ({ stages, waitsFor, cycle }: ReturnType<typeof inStages>) => ({
    stages: stages.map((stage) => stage.map(({ name }) => name)),
    waitsFor: Object.fromEntries(waitsFor),
    cycle,
  });
  const diamond = ofFile({ d: ['b', 'c'], b: ['a'], c: ['a'] });

  test('a diamond', () => {
    expect(short(inStages(sent('d', 'c', 'b', 'a'), diamond))).toEqual({
      stages: [['a'], ['b', 'c'], ['d']],
      waitsFor: { b: ['a'], c: ['a'], d: ['b', 'c'] },
      cycle: [],
    });
  });

  test('through what is not sent; what is not deployed at all is left out', () => {
    expect(short(inStages(sent('d', 'a'), diamond, ['b']))).toEqual({
      stages: [['a'], ['d']],
      waitsFor: { d: ['b', 'a'] },
      cycle: [],
    });
  });

  test('any order without a cycle: each once, and after all that it depends on', () => {
    const edges = array(tuple(nat(7), nat(7)), { maxLength: 20 });
    assert(
      property(edges, array(nat(7), { maxLength: 3 }), (pairs, unsent) => {
        const dependencies = new Map<string, string[]>();
        for (const [a, b] of pairs) {
          const [first, second] = [Math.min(a, b), Math.max(a, b)].map((one) => `s${one}`);
          if (first === undefined || second === undefined || first === second) continue;
          dependencies.set(second, [...(dependencies.get(second) ?? []), first]);
        }
        const unchanged = [...new Set(unsent)].map((one) => `s${one}`);
        const names = [7, 6, 5, 4, 3, 2, 1, 0]
          .map((one) => `s${one}`)
          .filter((one) => !unchanged.includes(one));
        const { stages, waitsFor, cycle } = inStages(sent(...names), dependencies, unchanged);
        expect(cycle).toEqual([]);
        const place = new Map(stages.flatMap((stage, at) => stage.map(({ name }) => [name, at] as const)));
        expect([...place.keys()].sort()).toEqual([...names].sort());
        for (const name of names) {
          const all = dependencies.get(name) ?? [];
          expect(waitsFor.get(name) ?? []).toEqual(expect.arrayContaining([...new Set(all)]));
          for (const other of waitsFor.get(name) ?? [])
            expect(place.get(other) ?? -1).toBeLessThan(place.get(name) ?? NaN);
        }
      }),
    );
  });

  test('an unchanged service is waited for', () => {
    expect(short(inStages(sent('b'), diamond, ['a', 'c', 'd']))).toEqual({
      stages: [['b']],
      waitsFor: { b: ['a'] },
      cycle: [],
    });
  });
});
