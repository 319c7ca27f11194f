/** The fake engine of the tests in process answers as the real one: the same requests to both, and their replies compared. */
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Service } from '../../src/api/service.ts';
import { fakeEngine } from '../support/fake-engine/engine.ts';
import { removeServices, swarm, uniqueName, until } from './support/swarm.ts';

const name = uniqueName('fake');
const second = uniqueName('fake-too');
afterAll(() => removeServices(name, second));

const engine = fakeEngine();
const socket = join(tmpdir(), `${name}.sock`);
beforeAll(() => engine.listen(socket));
afterAll(() => engine.close());

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
}

const { hostname, port } = new URL(swarm.host);

/** Sends a request to one of the engines. A reply that is not JSON is its text. */
function send(where: http.RequestOptions, method: string, path: string, body?: unknown): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
    const request = http.request({ ...where, method, path, headers }, (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (part: string) => (text += part));
      reply.on('end', () => {
        const type = reply.headers['content-type'] ?? '';
        const isJson = type.startsWith('application/json') && text !== '';
        resolve({ status: reply.statusCode ?? 0, type, body: isJson ? (JSON.parse(text) as unknown) : text });
      });
    });
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** One of the two engines, and the ids and the version that it gives. */
interface Side {
  readonly where: http.RequestOptions;
  id: string;
  version: number;
}
const REAL: Side = { where: { hostname, port }, id: '', version: 0 };
const FAKE: Side = { where: { socketPath: socket }, id: '', version: 0 };

const spec = (changes: object = {}): object => ({
  Name: name,
  Labels: { a: 'b' },
  TaskTemplate: {
    ContainerSpec: { Image: 'nowhere.invalid/ping:1.0' },
    Placement: { Constraints: ['node.labels.zone==nowhere'] },
  },
  Mode: { Replicated: { Replicas: 1 } },
  EndpointSpec: { Mode: 'vip' },
  ...changes,
});
const filters = (value: object): string => encodeURIComponent(JSON.stringify(value));
const secret = { SecretID: 'nope', SecretName: 'nope', File: { Name: 'x', UID: '0', GID: '0', Mode: 292 } };

/** The requests, in their order. `{id}` and `{version}` are those of the service. */
const REQUESTS: readonly (readonly [what: string, line: string, body?: object])[] = [
  ['a service that does not exist', `GET /services/${name}`],
  ['its tasks', `GET /tasks?filters=${filters({ service: [name] })}`],
  ['its update', `POST /services/${name}/update?version=1`, spec()],
  ['its removal', `DELETE /services/${name}`],
  ['its first task', `GET /tasks/${name}/logs?stdout=true`],
  [
    'a service without an image',
    'POST /services/create',
    { Name: name, TaskTemplate: { ContainerSpec: {} } },
  ],
  [
    'a service with a secret that is gone',
    'POST /services/create',
    spec({ TaskTemplate: { ContainerSpec: { Image: 'a', Secrets: [secret] } } }),
  ],
  ['a new service', 'POST /services/create', spec()],
  ['a second one of its name', 'POST /services/create', spec()],
  ['the service', 'GET /services/{id}'],
  ['the service with defaults', 'GET /services/{id}?insertDefaults=true'],
  ['a list by id', `GET /services?filters=${filters({ name: [name] })}`],
  ['a list by a label', `GET /services?filters=${filters({ name: [name], label: ['a=b'] })}`],
  ['a list by a label that it has not', `GET /services?filters=${filters({ name: [name], label: ['a=c'] })}`],
  ['an update without a version', 'POST /services/{id}/update', spec()],
  ['an update of an old version', 'POST /services/{id}/update?version=1', spec()],
  [
    'an update to another mode',
    'POST /services/{id}/update?version={version}',
    spec({ Mode: { Global: {} } }),
  ],
  [
    'a rollback without a previous spec',
    'POST /services/{id}/update?version={version}&rollback=previous',
    spec(),
  ],
  [
    'an update',
    'POST /services/{id}/update?version={version}&registryAuthFrom=spec',
    spec({ Labels: { a: 'c' } }),
  ],
  ['the service after it', 'GET /services/{id}'],
  ['a rollback', 'POST /services/{id}/update?version={version}&rollback=previous', spec()],
  ['the service after the rollback', 'GET /services/{id}'],
  ['its tasks', `GET /tasks?filters=${filters({ service: [name] })}`],
  [
    'its tasks that are up to date',
    `GET /tasks?filters=${filters({ service: [name], '_up-to-date': ['true'] })}`,
  ],
  ['a network that does not exist', `GET /networks/${name}`],
  ['secrets that do not exist', `GET /secrets?filters=${filters({ name: [name] })}`],
  ['configs that do not exist', `GET /configs?filters=${filters({ name: [name] })}`],
  ['the removal', 'DELETE /services/{id}'],
  ['the removal again', 'DELETE /services/{id}'],
  ...(['secrets', 'configs'] as const).flatMap((family) => {
    const object = (Data: string, changes: object = {}): object => ({
      Name: name,
      Labels: {},
      Data,
      ...changes,
    });
    return [
      [`${family} with a long name`, `POST /${family}/create`, object('YQ==', { Name: 'n'.repeat(65) })],
      [`${family}: a new one`, `POST /${family}/create`, object('YQ==')],
      [`${family}: a second one of its name`, `POST /${family}/create`, object('YQ==')],
      [`${family}: version 0 with other data`, `POST /${family}/{id}/update?version=0`, object('Yg==')],
      [`${family}: version 0 with equal data`, `POST /${family}/{id}/update?version=0`, object('YQ==')],
      [
        `${family}: another name`,
        `POST /${family}/{id}/update?version=0`,
        object('YQ==', { Name: `${name}-other` }),
      ],
      [
        `${family}: other labels`,
        `POST /${family}/{id}/update?version={version}`,
        object('YQ==', { Labels: { a: 'b' } }),
      ],
      [`${family} after it`, `GET /${family}?filters=${filters({ name: [name] })}`],
      [`${family}: the removal`, `DELETE /${family}/{id}`],
      [`${family}: the removal again`, `DELETE /${family}/{id}`],
      [`${family}: an update of one that is gone`, `POST /${family}/{id}/update?version=0`, object('YQ==')],
    ] as const;
  }),
];

test.each(REQUESTS)('%s', async (...[, line, body]) => {
  const [real, fake] = await Promise.all([REAL, FAKE].map((side) => exchange(side, line, body)));
  expect(fake).toEqual(real);
});

/** Sends a request to one engine. @returns its status, its type, the text of an error, and the shape of what it tells */
async function exchange(side: Side, line: string, body: object | undefined) {
  if (line.includes('{version}')) {
    const [, family = ''] = /^\S+ \/(\w+)\//.exec(line) ?? [];
    const { body: found } = await send(side.where, 'GET', `/${family}?filters=${filters({ id: [side.id] })}`);
    side.version = (found as readonly Service[])[0]?.Version.Index ?? 0;
  }
  const [method = '', path = ''] = line
    .replace('{id}', side.id)
    .replace('{version}', String(side.version))
    .split(/ (.*)/);
  // The engine makes the task a moment after it has answered.
  if (path.startsWith('/tasks?')) await settled(side, path);
  const { status, type, body: told } = await send(side.where, method, path, body);
  if (status === 201) side.id = (told as { ID: string }).ID;
  const shape = shapeOf(told);
  const text = status < 400 ? '' : JSON.stringify(told).replaceAll(side.id || '-', 'ID');
  return { status, type: type.replace(/;.*/, ''), text, shape };
}

/** Waits until the scheduler has said why the task of the service is pending, if there is a service. */
async function settled(side: Side, path: string): Promise<void> {
  if (side.id === '') return;
  await until('the scheduler to refuse the task', async () => {
    if (side === FAKE) await engine.clock.sleep(1_000);
    const { body } = await send(side.where, 'GET', path);
    return JSON.stringify(body).includes('"Err":"no suitable node') || undefined;
  });
}

/** What the fake engine has to have of a value: the fields that swarmroll reads, as "Spec.TaskTemplate.ContainerSpec.Image string". */
function shapeOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return [`${path}[${value.length}]`, ...shapeOf(value[0], `${path}[]`)];
  if (typeof value !== 'object' || value === null) return READ.test(path) ? [`${path} ${typeof value}`] : [];
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, one]) => shapeOf(one, `${path}.${key}`));
}

const READ =
  /^(\[\])?\.(ID|Version\.Index|CreatedAt|UpdatedAt|message|Warnings|Spec\.(Name|Labels\..*|Mode\..*|TaskTemplate\.(ForceUpdate|Runtime|ContainerSpec\.(Image|Isolation)|Placement\.Constraints)|ContainerSpec\.(Image|Isolation)|ForceUpdate)|PreviousSpec\..*|UpdateStatus\.(State|StartedAt|Message)|ServiceID|Slot|NodeID|DesiredState|Status\.(State|Timestamp|Message|Err))/;
