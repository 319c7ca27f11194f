import { describe, expect, test } from '@jest/globals';
import { familiar, parseReference, withDefaultTag } from '../../../src/values/reference.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('image references in the form that docker stores', () => {
  test.each([
    ['nginx', 'nginx:latest'],
    ['nginx:1.27', 'nginx:1.27'],
    ['library/nginx', 'nginx:latest'],
    ['docker.io/library/nginx', 'nginx:latest'],
    ['index.docker.io/team/web:1', 'team/web:1'],
    ['localhost/web', 'localhost/web:latest'],
    ['registry:5000/team/web', 'registry:5000/team/web:latest'],
    ['Registry.Example/web', 'Registry.Example/web:latest'],
    ['[::1]:5000/web:v1', '[::1]:5000/web:v1'],
    [`nginx@${DIGEST}`, `nginx@${DIGEST}`],
    [`nginx:1@${DIGEST}`, `nginx:1@${DIGEST}`],
    ['a/b__c/d-e.f:T_1.x-y', 'a/b__c/d-e.f:T_1.x-y'],
  ])('%s is stored as %s', (text, stored) => {
    const parsed = parseReference(text);
    expect(parsed && familiar(withDefaultTag(parsed))).toBe(stored);
  });

  test.each([
    '',
    'UPPER',
    'nginx:',
    ':tag',
    'a//b',
    'a/',
    '/a',
    'a..b',
    'a___b',
    'a_',
    'nginx@sha256:12',
    `nginx@${DIGEST.toUpperCase()}`,
    `nginx:${'x'.repeat(129)}`,
    'http://x/y',
    'a b',
    'ü',
    '0123456789abcdef'.repeat(4),
    'a'.repeat(256),
  ])('%j is not a reference', (text) => expect(parseReference(text)).toBeUndefined());
});
