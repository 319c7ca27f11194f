/** What docker and Compose print on stderr (docker 28.5, Compose 2.40). */
import { expect, test } from '@jest/globals';
import { failureIn, messagesIn } from '../../../src/held-writes/messages.ts';

const textsIn = (errors: string): string[] => messagesIn(errors).map(({ text }) => text);

test('escapes of the log: a line is told as one line, and what a terminal would take for a command stays escaped', () => {
  const line = String.raw`time="x" level=warning msg="a\nb\tc \\ \"d\" \x1b[31m \u200b"`;
  expect(textsIn(line)).toEqual([String.raw`a b c \ "d" \x1b[31m \u200b`]);
});

test('messages of the log are told once, without time and level', () => {
  const line =
    'time="2026-11-30T08:15:07Z" level=warning msg="The \\"A\\" variable is not set. Defaulting to a blank string."';
  expect(textsIn(`${line}\n${line}\ntime="x" level=info msg=word\nanother line\n\n`)).toEqual([
    'The "A" variable is not set. Defaulting to a blank string.',
    'word',
    'another line',
  ]);
});

test('the lines of one text belong together', () => {
  const ofImage = (image: string): string =>
    `image ${image} could not be accessed on a registry to record
its digest. Each node will access ${image} independently,
possibly leading to different nodes running different
versions of the image.\n`;
  const errors = `Ignoring unsupported options: build, links

Ignoring deprecated options:

container_name: Setting the container name is not supported.

${ofImage('a:1')}
${ofImage('b:1')}
`;
  const expected = [
    'Ignoring unsupported options: build, links',
    'Ignoring deprecated options: container_name: Setting the container name is not supported.',
    ...['a:1', 'b:1'].map((image) => ofImage(image).trim().replaceAll('\n', ' ')),
  ];
  expect(textsIn(errors)).toEqual(expected);
  expect(failureIn(`${errors}no such image`)).toEqual({ warnings: expected, error: 'no such image' });
});

const DEPRECATED = [
  'Ignoring deprecated options:',
  'container_name: Setting the container name is not supported.',
  "expose: Exposing ports is unnecessary - services on the same network can access each other's containers on any port.",
];

test('deprecated options are one warning, and what follows them is none', () => {
  const [head = '', first = '', second = ''] = DEPRECATED;
  const warnings = [`${head} ${first}; ${second}`];
  const error = 'open /tmp/bn/nope: no such file or directory';
  const errors = `${DEPRECATED.join('\n\n')}\n\n`;
  expect(messagesIn(errors)).toEqual([{ text: warnings[0], isWarning: true }]);
  expect(failureIn(`${errors}${error}\n`)).toEqual({ warnings, error });
  expect(failureIn(`${head}\n\n${second}\n\n${error}\n`)).toEqual({ warnings: [`${head} ${second}`], error });
  expect(failureIn(`${head}\n\n${second}\n\nservices: ${error}\n`).error).toBe(`services: ${error}`);
  expect(failureIn(`${first}\n\n${second}\n`)).toEqual({ warnings: [], error: `${first}; ${second}` });
});

test('forbidden options are one error', () =>
  expect(
    failureIn(
      'Compose file contains unsupported options:\n\ncpu_quota: Set limits\n\nvolumes_from: Use volumes\n',
    ),
  ).toEqual({
    warnings: [],
    error: 'Compose file contains unsupported options: cpu_quota: Set limits; volumes_from: Use volumes',
  }));

test('a line that begins with WARNING is a message of its own', () => {
  const line = 'WARNING: Error parsing config file (/x/config.json): invalid character';
  const warning = 'Error parsing config file (/x/config.json): invalid character';
  expect(failureIn(`${line}\nno such\nimage\n`)).toEqual({ warnings: [warning], error: 'no such image' });
  expect(failureIn(`no such\n${line}\nimage\n`)).toEqual({ warnings: [warning], error: 'no such; image' });
  expect(failureIn(`${line}\nIgnoring unsupported options: build\n\nno such image\n`)).toEqual({
    warnings: [warning, 'Ignoring unsupported options: build'],
    error: 'no such image',
  });
});

const WARNED = 'time="2026-11-30T08:15:07Z" level=warning msg="a warning"\n';

test.each([
  [
    'invalid interpolation format for services.a.command.\nYou may need to escape any $ with another $.\necho $ ${\n',
    'invalid interpolation format for services.a.command. You may need to escape any $ with another $. echo $ ${',
  ],
  [
    `decoding failed due to the following error(s):\n\n'services[a].mem_limit' invalid size: 'abc'\n'b' is bad\n`,
    `decoding failed due to the following error(s): 'services[a].mem_limit' invalid size: 'abc'; 'b' is bad`,
  ],
  ['time="x" level=fatal msg="no project"\nsecond\n', 'no project; second'],
])('%j is an error, and a warning before it is none', (errors, error) => {
  expect(failureIn(errors)).toEqual({ warnings: [], error });
  expect(failureIn(WARNED + errors)).toEqual({ warnings: ['a warning'], error });
});
