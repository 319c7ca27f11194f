/** What a deployment reads after docker's run: networks that another deployment has created meanwhile. */
import { expect, test } from '@jest/globals';
import type { Engine } from '../../../src/engine/client.ts';
import type { HeldWrite } from '../../../src/held-writes/held-writes.ts';
import { withNetworks } from '../../../src/stack/read.ts';

const Labels = { 'com.docker.stack.namespace': 'app' };
const writes: readonly HeldWrite[] = [
  { kind: 'create', of: 'networks', id: 'held0', spec: { Name: 'app_net', Labels } },
  {
    kind: 'create',
    of: 'services',
    id: 'held1',
    spec: { Name: 'app_web', Labels, TaskTemplate: { Networks: [{ Target: 'app_net' }] } },
    auth: undefined,
  },
];
const read = (network: object) => {
  const engine = { network: () => Promise.resolve({ Id: 'n1', Name: 'app_net', ...network }) };
  const nothing = { services: [], secrets: [], configs: [], networks: [] };
  return withNetworks(engine as unknown as Engine, nothing, writes);
};

test('a network of the stack that docker would create: another deployment is under way', () =>
  expect(read({ Labels })).rejects.toMatchObject({
    kind: 'conflict',
    message: 'someone else is deploying the stack app: network app_net has just been created',
    hint: 'run the command again',
  }));

test.each([undefined, null, {}, { 'com.docker.stack.namespace': 'other' }])(
  'a network with the labels %j is none of the stack',
  async (labels) => {
    const { networkIds } = await read({ Labels: labels });
    expect(networkIds).toEqual(new Map([['app_net', 'n1']]));
  },
);

test('a name with a slash is not looked up', async () => {
  const TaskTemplate = { Networks: [{ Target: '../x_default' }] };
  const spec = { Name: '../x_web', Labels, TaskTemplate };
  const nothing = { services: [], secrets: [], configs: [], networks: [] };
  const held: HeldWrite = { kind: 'create', of: 'services', id: 'held0', spec, auth: undefined };
  const engine = { network: () => Promise.reject(new Error('looked up')) } as unknown as Engine;
  expect((await withNetworks(engine, nothing, [held])).networkIds).toEqual(new Map());
});
