/** Which service a reference means, in docker's order. */
import { describe, expect, test } from '@jest/globals';
import { findServices, noSuchServices } from '../../../src/engine/find-services.ts';
import type { Service } from '../../../src/api/service.ts';

const service = (ID: string, Name: string): Service => ({
  ID,
  Version: { Index: 1 },
  CreatedAt: '',
  UpdatedAt: '',
  Spec: { Name, TaskTemplate: {} },
});
const candidates = [
  service('abc1', 'web'),
  service('abc2', 'abc1'),
  service('abc10', 'db'),
  service('x1', 'abc'),
];
const found = (...refs: string[]) => findServices(refs, candidates).services.map(({ ID }) => ID);

describe('a reference means', () => {
  test.each([
    ['abc1', 'abc1', 'a whole id before a name and the beginning of another id'],
    ['abc', 'x1', 'a whole name before the beginnings of ids'],
    ['web', 'abc1', 'a name'],
    ['abc10', 'abc10', 'an id'],
    ['x', 'x1', 'the beginning of one id'],
  ])('%s: %s (%s)', (ref, id) => expect(found(ref)).toEqual([id]));
});

test('the beginning of several ids is an error', () => {
  expect(() => findServices(['ab'], candidates)).toThrow('multiple services found with provided prefix: ab');
});

test('a candidate that was found twice is one', () => {
  expect(findServices(['x'], [...candidates, ...candidates]).services).toHaveLength(1);
});

test('what means nothing is named, and the rest is found', () => {
  const { services, missing } = findServices(['nope', 'web', 'wEb', ''], candidates.slice(0, 1));
  expect(services.map(({ ID }) => ID)).toEqual(['abc1', 'abc1']);
  expect(missing).toEqual(['nope', 'wEb']);
});

test('the error has docker’s words for each, and says where was asked', () => {
  const error = noSuchServices(['a', 'b'], 'unix:///x');
  expect(error.message).toBe('no such service: a; no such service: b');
  expect(error.hint).toContain('unix:///x');
});
