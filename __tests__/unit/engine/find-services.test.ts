/** Which service a reference matches, in docker's order. */
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

describe('a reference matches', () => {
  test.each([
    ['abc1', 'abc1', 'a full id before a name and a prefix of another id'],
    ['abc', 'x1', 'a full name before id prefixes'],
    ['web', 'abc1', 'a name'],
    ['abc10', 'abc10', 'an id'],
    ['x', 'x1', 'a prefix of one id'],
  ])('%s: %s (%s)', (ref, id) => expect(found(ref)).toEqual([id]));
});

test('a prefix of several ids is an error', () => {
  expect(() => findServices(['ab'], candidates)).toThrow('multiple services found with provided prefix: ab');
});

test('a service that is twice among the candidates is not ambiguous', () => {
  expect(findServices(['x'], [...candidates, ...candidates]).services).toHaveLength(1);
});

test('references without a match are listed as missing, the others are found', () => {
  const { services, missing } = findServices(['nope', 'web', 'wEb', ''], candidates.slice(0, 1));
  expect(services.map(({ ID }) => ID)).toEqual(['abc1', 'abc1']);
  expect(missing).toEqual(['nope', 'wEb']);
});

test('the error has docker’s message for each reference, and the hint names the engine', () => {
  const error = noSuchServices(['a', 'b'], 'unix:///x');
  expect(error.message).toBe('no such service: a; no such service: b');
  expect(error.hint).toContain('unix:///x');
});
