/** Headers that users add to every request. */
import { describe, expect, test } from '@jest/globals';
import { findEndpoint } from '../../../src/connection/connection.ts';
import { customHeaders } from '../../../src/connection/http-headers.ts';

const SECRET = 'Bearer s3cret';

function source(config?: unknown, env: Record<string, string> = {}) {
  const text = typeof config === 'string' ? config : JSON.stringify(config);
  return {
    env: { HOME: '/home/ann', ...env },
    platform: 'linux',
    readFile: (path: string) =>
      config === undefined || path !== '/home/ann/.docker/config.json'
        ? Promise.reject(Object.assign(new Error('no file'), { code: 'ENOENT' }))
        : Promise.resolve(Buffer.from(text)),
  };
}

const headers = (HttpHeaders: unknown): Promise<Readonly<Record<string, string>>> =>
  customHeaders(source({ HttpHeaders }));

/** The message, hint and stack of the error that `asked` rejects with. */
async function refusal(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason as Error & { hint?: string },
  );
  return `${error?.message ?? ''} ${error?.hint ?? ''} ${error?.stack ?? ''}`;
}

describe('HttpHeaders of config.json', () => {
  test('all headers are sent unchanged', async () => {
    expect(await headers({ Authorization: SECRET, 'x-meta': '', 'X-Space': ' a\tb ' })).toEqual({
      Authorization: SECRET,
      'x-meta': '',
      'X-Space': ' a\tb ',
    });
  });

  test('non-ASCII text is sent as UTF-8', async () => {
    const { Name = '' } = await headers({ Name: 'Jürgen ✓' });
    expect(Buffer.from(Name, 'latin1').toString()).toBe('Jürgen ✓');
  });

  test('headers that users of docker can’t set are dropped', async () => {
    const own = {
      Host: 'a',
      'user-agent': 'b',
      'Content-Length': '1',
      'Transfer-Encoding': 'x',
      TRAILER: 'y',
    };
    expect(await headers(own)).toEqual({});
  });

  test.each([undefined, null, 'Authorization: x', ['a'], 5, {}])('%j means no headers', async (value) => {
    expect(await headers(value)).toEqual({});
  });

  test('values that are not strings are dropped, as docker does', async () => {
    expect(await headers({ A: 1, B: null, C: ['x'], D: 'd' })).toEqual({ D: 'd' });
  });

  test('a config.json that does not exist or can’t be parsed means no headers', async () => {
    expect(await customHeaders(source())).toEqual({});
    expect(await customHeaders(source('{'))).toEqual({});
  });

  test.each([{ 'X-A': `${SECRET}\nEvil: 1` }, { 'X-A': `${SECRET}\u007f` }])(
    '%j is refused',
    async (value) => {
      const said = await refusal(headers(value));
      expect(said).toContain('HttpHeaders of /home/ann/.docker/config.json: the value of X-A contains');
      expect(said).not.toContain('s3cret');
    },
  );

  test.each(['', 'a b', 's3cret:', 'ü', 'a\nb'])('the name %j is refused and not shown', async (name) => {
    const said = await refusal(headers({ [name]: SECRET }));
    expect(said).toContain('HttpHeaders');
    expect(said).not.toMatch(/s3cret/);
  });
});

describe('DOCKER_CUSTOM_HEADERS', () => {
  const inEnvironment = (text: string) =>
    customHeaders(source({ HttpHeaders: { A: 'config' } }, { DOCKER_CUSTOM_HEADERS: text }));

  test('replaces all headers of config.json', async () => {
    expect(await inEnvironment('B=1=2, C = x ,"D=a,b"')).toEqual({ B: '1=2', C: ' x ', D: 'a,b' });
    expect(await inEnvironment('')).toEqual({ A: 'config' });
  });

  test.each(['s3cret', '=s3cret', 'A=1,s3cret', 'A="s3cret'])('%j is refused and not shown', async (text) => {
    const said = await refusal(inEnvironment(text));
    expect(said).toContain('DOCKER_CUSTOM_HEADERS must be NAME=VALUE, separated by commas');
    expect(said).not.toContain('s3cret');
  });
});

test.each([
  { hosts: ['tcp://a:1'] },
  { hosts: ['unix:///a.sock'] },
  { hosts: ['ssh://a'] },
  { context: 'default' },
  {},
])('every endpoint has the headers: %j', async (options) => {
  const { headers: found } = await findEndpoint(options, source({ HttpHeaders: { A: 'a' } }));
  expect(found).toEqual({ A: 'a' });
});
