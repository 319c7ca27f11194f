import { expect, test } from '@jest/globals';
import type { ServiceSpec } from '../../../src/api/service.ts';
import { sameSpec } from '../../../src/service-spec/same.ts';

const spec = (container: object, rest: object = {}): ServiceSpec => ({
  TaskTemplate: { ContainerSpec: { Image: 'ping', ...container } },
  Mode: { Global: {} },
  ...rest,
});

test.each<[boolean, ServiceSpec, ServiceSpec]>([
  [true, spec({}), spec({})],
  [true, spec({ Env: [] }), spec({})],
  [true, spec({ Env: null, DNSConfig: { Search: [] } }), spec({ DNSConfig: {} })],
  [false, spec({ DNSConfig: {} }), spec({})],
  [true, spec({ A: 1, B: 2 }), spec({ B: 2, A: 1 })],
  [false, spec({ Env: ['A'] }), spec({})],
  [false, spec({ Env: ['A', 'B'] }), spec({ Env: ['B', 'A'] })],
  [false, spec({ Init: false }), spec({})],
  [false, spec({ StopGracePeriod: 0 }), spec({})],
  [false, spec({ Env: [''] }), spec({ Env: [] })],
])('%j: %j and %j', (same, draft, stored) => {
  expect(sameSpec(draft, stored)).toBe(same);
});
