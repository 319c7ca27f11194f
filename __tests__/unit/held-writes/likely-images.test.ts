import { expect, test } from '@jest/globals';
import { imagesOfFile, imagesOfServices } from '../../../src/held-writes/likely-images.ts';

test.each([
  [
    'services:\n  web:\n    image: nginx:1.27\n  api:\n    image: "r:5000/a@sha256:12"\n',
    ['nginx:1.27', 'r:5000/a@sha256:12'],
  ],
  ["services: {web: {image: 'nginx'}, api: {ports: [80], image: redis}}", ['nginx', 'redis']],
  ['{"services":{"web":{"image":"nginx"},"api":{"image":"nginx"}}}', ['nginx']],
  ['x-image: &image\n  image: nginx # the newest\n', ['nginx']],
])('images without a variable are found in %j', (text, images) => {
  expect(imagesOfFile(Buffer.from(text))).toEqual(images);
});

test.each([
  ['a variable', 'image: ${REGISTRY}/web:${TAG:-1}'],
  ['a comment', '  # image: nginx'],
  ['another key', 'base-image: nginx'],
  ['a way out of the path', 'image: a/../../containers'],
  ['an alias', 'image: *image'],
])('%s is no image', (_, text) => {
  expect(imagesOfFile(Buffer.from(text))).toEqual([]);
});

test('the images of services are those of the file that they came from', () => {
  const service = (image?: string) => ({
    Spec: { TaskTemplate: {}, Labels: image === undefined ? {} : { 'com.docker.stack.image': image } },
  });
  expect(imagesOfServices([service('nginx:1'), service(), service('a/../b')])).toEqual(['nginx:1']);
});
