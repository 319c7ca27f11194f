/** What a deployment has sent is undone. The rest is in cli/deploy/stack.test.ts and integration/stack-failures.test.ts. */
import { expect, test } from '@jest/globals';
import type { Call } from '../../../src/command-line/command.ts';
import type { Engine } from '../../../src/engine/client.ts';
import { undo } from '../../../src/stack/undo.ts';
import { fakeClock } from '../../support/fake-clock.ts';

test('a network is removed when the engine no longer lists it: the next deployment would use it', async () => {
  const clock = fakeClock();
  const asked: string[] = [];
  let listed = 3;
  const engine = {
    removeObject: (kind: string, id: string) => Promise.resolve(asked.push(`remove ${kind} ${id}`)),
    networks: () => {
      asked.push('list');
      listed -= 1;
      return Promise.resolve(listed > 0 ? [{ Id: 'n1', Name: 'app_default' }] : []);
    },
  } as unknown as Engine;
  const object = { of: 'networks' as const, name: 'app_default', spec: {}, madeUp: 'x' };
  const results = await undo({ world: { clock } } as unknown as Call, engine, [
    { kind: 'object', object, id: 'n1' },
  ]);
  expect(results).toEqual([{ text: 'network app_default: removed', isUndone: true }]);
  expect(asked).toEqual(['remove networks n1', 'list', 'list', 'list']);
});
