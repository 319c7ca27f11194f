/** Task lists, parsed in parts of every length and compared with the original. */
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from '@jest/globals';
import { taskReader } from '../../../src/engine/task-list.ts';

const spec = (image: string) => ({ ContainerSpec: { Image: image, Env: ['A={"Spec":0},{"ID":"'] } });
const task = (ID: string, image: string, others: object = {}) => ({
  ID,
  Labels: { 'ü"Spec":': '{"Spec":0}' },
  Spec: spec(image),
  ServiceID: 'service',
  Status: { State: 'running' },
  ...others,
});

/** Parses the text in parts of `length` characters. */
function read(text: string, length: number): unknown {
  const { add, end } = taskReader();
  for (let from = 0; from < text.length; from += length) add(text.slice(from, from + length));
  return end();
}

test.each([
  ['tasks with the same spec', [task('a', 'web:1'), task('b', 'web:1'), task('c', 'web:1')]],
  ['two specs', [task('a', 'web:1'), task('b', 'web:2'), task('c', 'web:1'), task('d', 'web:2')]],
  [
    'arrays inside tasks that look like the list',
    [task('a', 'web:1', { Volumes: [{ ID: 'v' }, { ID: 'w' }] }), task('b', 'web:1')],
  ],
  ['a label named Spec', [task('a', 'web:1', { Labels: { Spec: 'x' } }), task('b', 'web:1')]],
  ['an unknown field', ['a', 'b'].map((ID) => ({ ID, Spec: {}, New: ID, ServiceID: '' }))],
  ['one task', [task('a', 'web:1')]],
  ['no task', []],
])('%s', (_, tasks) => {
  const text = JSON.stringify(tasks);
  const lengths = Array.from(text, (__, index) => index + 1);
  expect(lengths.filter((length) => !isDeepStrictEqual(read(text, length), tasks))).toEqual([]);
});

test.each([1, 2])(
  'tasks with the same spec share its object, also those of other parts (%i parts)',
  (parts) => {
    const text = JSON.stringify(['a', 'b', 'c', 'd'].map((id) => task(id, 'web:1')));
    const specs = (read(text, Math.ceil(text.length / parts)) as { Spec: object }[]).map(({ Spec }) => Spec);
    expect(new Set(specs).size).toBe(1);
  },
);

test('JSON that is not a list has no tasks, and text that is not JSON is an error', () => {
  for (const text of ['null', '{}', '0', '{"ID":"a","Spec":{},"ServiceID":"service"}']) {
    expect(read(text, text.length)).toEqual([]);
  }
  for (const text of ['', '<html>', '[{"ID":"a"},{"ID":"b"}', '[{"ID":"a"},{"ID":"b"}]]']) {
    expect(() => read(text, 5)).toThrow(SyntaxError);
  }
});
