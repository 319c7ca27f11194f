/** The mark of a drain: what it changes of a spec, and that taking it out gives back what was there. */
import { expect, test } from '@jest/globals';
import type { ServiceSpec, UpdateConfig } from '../../../src/api/service.ts';
import { DRAIN_LABEL, markedNode, withMark, withoutMark } from '../../../src/service-spec/drain-mark.ts';
import { sameSpec } from '../../../src/service-spec/same.ts';

const OWN: UpdateConfig = {
  Parallelism: 2,
  Delay: 1e9,
  FailureAction: 'rollback',
  Monitor: 3e9,
  MaxFailureRatio: 0.5,
};
const spec = (changes: Partial<ServiceSpec> = {}): ServiceSpec => ({
  Name: 'web',
  TaskTemplate: { ContainerSpec: { Image: 'ping' } },
  Mode: { Replicated: { Replicas: 3 } },
  ...changes,
});
const MOVE = { startsFirst: false, isSeveral: false };

test.each<[string, ServiceSpec]>([
  ['a spec with no settings', spec()],
  ['labels and update settings', spec({ Labels: { a: '' }, UpdateConfig: OWN })],
  [
    'other constraints',
    spec({ TaskTemplate: { Placement: { Constraints: ['node.role==worker'], MaxReplicas: 2 } } }),
  ],
])('%s: the mark is taken out without a trace', (_, before) => {
  for (const settings of [MOVE, { startsFirst: true, isSeveral: true }]) {
    const marked = withMark(before, 'n1', settings);
    expect(markedNode(marked)).toBe('n1');
    expect(marked.TaskTemplate.Placement?.Constraints?.at(-1)).toBe('node.id!=n1');
    const after = withoutMark(marked);
    expect(markedNode(after)).toBeUndefined();
    expect(sameSpec(after, before)).toBe(true);
  }
});

test('a failure pauses; without settings all of the defaults are written', () => {
  expect(withMark(spec(), 'n1', MOVE).UpdateConfig).toEqual({
    Parallelism: 1,
    Delay: 0,
    Monitor: 5e9,
    MaxFailureRatio: 0,
    Order: 'stop-first',
    FailureAction: 'pause',
  });
  expect(withMark(spec({ UpdateConfig: OWN }), 'n1', MOVE).UpdateConfig).toEqual({
    ...OWN,
    MaxFailureRatio: 0,
    FailureAction: 'pause',
  });
});

test('where several tasks move, the delay is at least the monitor period', () => {
  const settings = { startsFirst: true, isSeveral: true };
  const { UpdateConfig } = withMark(spec({ UpdateConfig: OWN }), 'n1', settings);
  expect(UpdateConfig).toMatchObject({ Delay: 3e9, Order: 'start-first' });
  const slow = { ...OWN, Delay: 60e9, Monitor: 0 };
  expect(withMark(spec({ UpdateConfig: slow }), 'n1', settings).UpdateConfig).toMatchObject({
    Delay: 60e9,
    Monitor: 5e9,
  });
});

test('what others have changed since stays', () => {
  const marked = withMark(spec({ UpdateConfig: OWN, Labels: { a: '1' } }), 'n1', MOVE);
  const theirs: ServiceSpec = {
    ...marked,
    Mode: { Replicated: { Replicas: 5 } },
    Labels: { ...marked.Labels, b: '2' },
    UpdateConfig: { ...OWN, ...marked.UpdateConfig, Parallelism: 4 },
  };
  expect(withoutMark(theirs)).toMatchObject({
    Mode: { Replicated: { Replicas: 5 } },
    Labels: { a: '1', b: '2' },
    UpdateConfig: { ...OWN, Parallelism: 4 },
  });
});

test.each([
  ['the label alone', { Labels: withMark(spec(), 'n1', MOVE).Labels }],
  ['the constraint alone', { TaskTemplate: { Placement: { Constraints: ['node.id!=n1'] } } }],
  ['somebody else’s label', { Labels: { [DRAIN_LABEL]: 'x' } }],
])('%s is no mark', (_, changes) => {
  expect(markedNode(spec(changes as Partial<ServiceSpec>))).toBeUndefined();
});
