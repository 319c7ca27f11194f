/** What the lists of a swarm answer to docker's requests. */
import { expect, test } from '@jest/globals';
import { answerFrom } from '../../../src/held-writes/snapshot.ts';
import type { MadeUp, Snapshot } from '../../../src/held-writes/snapshot.ts';

const object = (ID: string, Name: string, stack = 'app') => ({
  ID,
  Version: { Index: 7 },
  Spec: { Name, Labels: { 'com.docker.stack.namespace': stack } },
});
const network = (Id: string, Name: string, stack = 'app') => ({
  Id,
  Name,
  Labels: { 'com.docker.stack.namespace': stack },
});
const service = (ID: string, Name: string, stack = 'app') => ({
  ...object(ID, Name, stack),
  Spec: { Name, Labels: { 'com.docker.stack.namespace': stack }, TaskTemplate: {} },
  CreatedAt: '',
  UpdatedAt: '',
});
const snapshot: Snapshot = {
  services: [service('s1', 'app_web'), service('s2', 'other_web', 'other')],
  secrets: [object('k1', 'app_key'), object('abc', 'twin')],
  configs: [object('c1', 'app_conf')],
  networks: [network('n1', 'app_net'), network('n2', 'twice'), network('n3', 'twice')],
};

const answer = (url: string, madeUp: readonly MadeUp[] = []) => {
  const [path = '', query = ''] = url.split('?');
  const { status, value } = answerFrom(snapshot, madeUp, path, new URLSearchParams(query)) ?? {};
  return [status, Array.isArray(value) ? value.map((one: object) => ('ID' in one ? one.ID : one)) : value];
};
const filtered = (family: string, filters: object, madeUp: readonly MadeUp[] = []) =>
  answer(`/${family}?filters=${encodeURIComponent(JSON.stringify(filters))}`, madeUp);
const byLabel = (label: string) => ({ label: { [label]: true } });

test('lists by the label of a stack, in both forms of the filter', () => {
  expect(filtered('services', byLabel('com.docker.stack.namespace=app'))).toEqual([200, ['s1']]);
  expect(filtered('services', { label: ['com.docker.stack.namespace=other'] })).toEqual([200, ['s2']]);
  expect(filtered('services', byLabel('com.docker.stack.namespace=none'))).toEqual([200, []]);
});

test('a stack has no networks: so docker writes all of the file, also those that are stored', () => {
  expect(filtered('networks', byLabel('com.docker.stack.namespace=app'))).toEqual([200, []]);
});

test('lists by names, with what docker believes to have created', () => {
  const made: MadeUp = { of: 'secrets', object: object('held1', 'app_new') };
  const names = { name: { app_key: true, app_new: true } };
  expect(filtered('secrets', names, [made])).toEqual([200, ['k1', 'held1']]);
  expect(filtered('configs', names, [made])).toEqual([200, []]);
});

test('one by its name; what only the engine can tell is left to it', () => {
  expect(answer('/secrets/app_key')).toEqual([200, snapshot.secrets[0]]);
  expect(answer('/configs/app_missing')).toEqual([404, { message: 'config app_missing not found' }]);
  expect(answer('/networks/app_net')).toEqual([200, snapshot.networks[0]]);
  // A beginning of an id, two of one name, a network that the list may lack.
  for (const ref of ['/secrets/ab', '/networks/twice', '/networks/host', '/services/app_web'])
    expect(answer(ref)).toEqual([undefined, undefined]);
});

test.each([
  ['no filter', '/services'],
  ['another parameter', '/services?status=true'],
  ['another filter', `/services?filters=${encodeURIComponent('{"id":{"s1":true}}')}`],
  ['two filters', `/secrets?filters=${encodeURIComponent('{"name":{"a":true},"label":{"a=b":true}}')}`],
  ['a label without a value', `/services?filters=${encodeURIComponent('{"label":{"a":true}}')}`],
  ['something else', '/nodes'],
])('%s is left to the engine', (_, url) => {
  expect(answer(url)).toEqual([undefined, undefined]);
});
