/** A change is taken back without a change that another has made meanwhile. */
import { expect, test } from '@jest/globals';
import type { ServiceSpec } from '../../../src/api/service.ts';
import { withoutChange } from '../../../src/service-spec/merge.ts';

const spec = (image: string, replicas: number, labels?: Record<string, string>): ServiceSpec => ({
  Name: 'web',
  ...(labels === undefined ? {} : { Labels: labels }),
  TaskTemplate: { ContainerSpec: { Image: image } },
  Mode: { Replicated: { Replicas: replicas } },
});
const before = spec('ping:1.0', 1, { a: '1' });

test.each<[what: string, ours: ServiceSpec, stored: ServiceSpec, wanted: ServiceSpec | undefined]>([
  ['nobody else', spec('bad', 1, { a: '1' }), spec('bad', 1, { a: '1' }), before],
  ['back already', spec('bad', 1, { a: '1' }), before, before],
  [
    'replicas of another',
    spec('bad', 1, { a: '1' }),
    spec('bad', 4, { a: '1' }),
    spec('ping:1.0', 4, { a: '1' }),
  ],
  [
    'labels of both',
    spec('bad', 1, { a: '2', b: '2' }),
    spec('bad', 1, { a: '2', b: '2', c: '3' }),
    spec('ping:1.0', 1, { a: '1', c: '3' }),
  ],
  [
    'a label that ours removed',
    spec('bad', 1),
    spec('bad', 1, { c: '3' }),
    spec('ping:1.0', 1, { a: '1', c: '3' }),
  ],
  ['the image of another', spec('bad', 1, { a: '1' }), spec('ping:1.2', 1, { a: '1' }), undefined],
  ['the same label', spec('bad', 1, { a: '2' }), spec('bad', 1, { a: '3' }), undefined],
  ['replicas of both', spec('ping:1.0', 5, { a: '1' }), spec('ping:1.0', 4, { a: '1' }), undefined],
])('%s', (_, ours, stored, wanted) => {
  expect(withoutChange(before, ours, stored)).toEqual(wanted);
});
