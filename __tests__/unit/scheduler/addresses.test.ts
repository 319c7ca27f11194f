import { expect, test } from '@jest/globals';
import { addressRisks } from '../../../src/scheduler/addresses.ts';
import { service } from './support.ts';

const on = (Mode = 'vip') => ({ TaskTemplate: { Networks: [{ Target: 'n' }] }, EndpointSpec: { Mode } });
const network = (Config: object, Driver = 'overlay') => ({
  Id: 'n',
  Name: 'net',
  Driver,
  IPAM: { Config: [Config] },
});
const SMALL = network({ Subnet: '10.0.0.0/29' });
const other = (RunningTasks: number) => ({ ...service(on(), 'o'), ServiceStatus: { RunningTasks } });
const messages = (...words: Parameters<typeof addressRisks>) =>
  addressRisks(...words).map(({ message }) => message);

test.each<[string, string[], string[]]>([
  ['enough', messages(on(), [SMALL], [], { tasks: 2, nodes: () => 2 }), []],
  ['without a virtual IP', messages(on('dnsrr'), [SMALL], [], { tasks: 4, nodes: () => 1 }), []],
  [
    'one too few',
    messages(on(), [SMALL], [], { tasks: 3, nodes: () => 2 }),
    ['network net has 5 addresses, and 6 are needed: 3 for tasks, 2 for nodes, 1 for the service'],
  ],
  [
    'other services',
    messages(on(), [SMALL], [other(1)], { tasks: 2, nodes: () => 1 }),
    [
      'network net has 5 addresses, and 6 are needed: 2 for tasks, 1 for a node, 1 for the service, 2 for other services',
    ],
  ],
  [
    'a range',
    messages(on(), [network({ Subnet: '10.0.0.0/24', IPRange: '10.0.0.0/30' })], [], {
      tasks: 3,
      nodes: () => 1,
    }),
    ['network net has 4 addresses, and 5 are needed: 3 for tasks, 1 for a node, 1 for the service'],
  ],
  [
    'not an overlay',
    messages(on(), [network({ Subnet: '10.0.0.0/29' }, 'host')], [], { tasks: 9, nodes: () => 1 }),
    [],
  ],
  ['an unknown subnet', messages(on(), [network({})], [], { tasks: 9, nodes: () => 1 }), []],
  ['no tasks', messages(on(), [network({ Subnet: '10.0.0.0/30' })], [], { tasks: 0, nodes: () => 0 }), []],
])('%s', (_, found, expected) => {
  expect(found).toEqual(expected);
});
