/** Networks as the command line gives them. */
import { expect, test } from '@jest/globals';
import { created } from './support/build.ts';

test.each([
  ['name=n,mac-address=02:42:ac:11:00:02', 'cannot have mac-address: it is for containers'],
  ['name=n,link-local-ip=169.254.1.1', 'cannot have link-local-ip: it is for containers'],
  ['name=n,gw-priority=5', 'cannot have gw-priority: it is for containers'],
  ['name=n,foo=1', 'has an unknown key "foo"'],
  ['alias=a', 'must have a name'],
])('%s is refused', (text, message) => {
  expect(() => created('--network', text)).toThrow(message);
});
