import { expect, test } from '@jest/globals';
import { shortImage } from '../../../src/values/reference.ts';

const DIGEST = `@sha256:${'a'.repeat(64)}`;

test.each([
  [`registry:5000/ping:1.0${DIGEST}`, 'registry:5000/ping:1.0'],
  [`nginx:1.27${DIGEST}`, 'nginx:1.27'],
  ['docker.io/library/nginx:1.27', 'nginx:1.27'],
  ['index.docker.io/team/web:1', 'team/web:1'],
  ['library/team/web:1', 'library/team/web:1'],
  ['localhost/web:1', 'localhost/web:1'],
  [`nginx${DIGEST}`, `nginx${DIGEST}`],
  ['docker.io/team/web', 'docker.io/team/web'],
  ['Not An Image:1', 'Not An Image:1'],
  ['web:1@sha256:short', 'web:1@sha256:short'],
  ['', ''],
])('%s is shown as %s', (image, shown) => expect(shortImage(image)).toBe(shown));
