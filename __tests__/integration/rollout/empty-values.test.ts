/** An empty value in a map of the user's is a value: it is sent, taken back, and shown like any other. */
import { expect, test } from '@jest/globals';
import { image, storedService, swarmroll } from '../support/swarm.ts';
import { QUICK, expectCode, given, opened, posts } from './support.ts';

const ping = image('ping', '1.0');
/** What is stored is what counts. */
const NO_TASKS = [...QUICK, '--replicas', '0'];

/** Runs a command; the number of changes that the engine was sent. */
async function changes(...words: readonly string[]): Promise<number> {
  const between = await opened();
  expectCode(await swarmroll(['-H', between.host, ...words]), 0);
  return posts(between).length;
}

const lines = async (...words: readonly string[]): Promise<string[]> =>
  (await swarmroll(words)).stdout.trimEnd().split('\n');

test('a label of the service', async () => {
  const name = await given('empty', ...NO_TASKS, ping);
  const labels = async () => (await storedService(name)).Spec.Labels;
  const [add, remove] = [
    ['update', '--label-add', 'KEY', name],
    ['update', '--label-rm', 'KEY', name],
  ];
  expect((await lines(...add, '--dry-run'))[0]).toBe('+ label KEY');
  expect([await changes(...add), await labels()]).toEqual([1, { KEY: '' }]);
  expect((await lines('diff', name))[0]).toBe('+ label KEY');
  expect(await changes(...add)).toBe(0);
  expect([await changes('rollback', name), await labels()]).toEqual([1, {}]);
  expect([await changes(...add), await labels()]).toEqual([1, { KEY: '' }]);
  expect([await changes(...remove), await labels()]).toEqual([1, {}]);
  expect((await lines('diff', name))[0]).toBe('- label KEY');
  expect(await changes(...remove)).toBe(0);
});

test('a label of the containers is a generation of its own', async () => {
  const name = await given('empty', ...NO_TASKS, ping);
  const labels = async () => (await storedService(name)).Spec.TaskTemplate.ContainerSpec?.Labels;
  expect(await changes('update', '--container-label-add', 'KEY=', name)).toBe(1);
  expect(await labels()).toEqual({ KEY: '' });
  const rows = await lines('history', '--format', '{{.Spec}}: {{.Changes}}', name);
  expect(rows).toEqual(['current: +container-label KEY', 'previous: -']);
  expect((await lines('diff', name))[0]).toBe('+ container-label KEY');
  expect(await changes('rollback', name)).toBe(1);
  expect(await labels()).toBeUndefined();
});
