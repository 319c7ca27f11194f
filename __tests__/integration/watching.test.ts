/** The requests of a watch. They are counted, not timed, because times depend on the machine. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { NOWHERE } from './rollout/support.ts';
import { proxy } from './support/proxy.ts';
import type { Interference, Proxy } from './support/proxy.ts';
import {
  image,
  removeServices,
  said,
  startSwarmroll,
  storedTasks,
  swarmroll,
  uniqueName,
  until,
} from './support/swarm.ts';

const ping = image('ping', '1.0');
const STUCK = ['--constraint', NOWHERE];
/** More tasks than every poll lists. */
const MANY = 200;
const many = uniqueName('many');
const few = uniqueName('few');

beforeAll(async () => {
  await swarmroll(['create', '-d', '--name', many, '--replicas', String(MANY), ...STUCK, ping]);
  await swarmroll(['create', '-d', '--name', few, '--replicas', '2', ...STUCK, ping]);
  await until('all tasks to be pending', async () => {
    const tasks = await storedTasks(many);
    const pending = tasks.filter(({ Status }) => (Status.Err ?? '') !== '');
    return pending.length === MANY || undefined;
  });
});
afterAll(async () => {
  // Engine 28.5 may crash if a service is removed while it has many tasks.
  try {
    await swarmroll(['update', '-d', '--replicas', '0', many]);
    await until('the tasks to go', async () => (await storedTasks(many)).length === 0 || undefined);
  } finally {
    await removeServices(many, few);
  }
});

/** The kinds of requests: `batch` lists the tasks of some slots, `upToDate` lists the tasks of the current spec. */
type Kind = 'service' | 'all' | 'batch' | 'upToDate' | 'nodes' | 'events' | 'other';

function kindOf(line: string): Kind {
  const url = new URL(line.replace(/^\w+ /, ''), 'http://engine');
  const filters = Object.keys(JSON.parse(url.searchParams.get('filters') ?? '{}') as object);
  if (line.startsWith('GET /services/')) return 'service';
  if (url.pathname === '/nodes') return 'nodes';
  if (url.pathname === '/events') return 'events';
  if (url.pathname !== '/tasks') return 'other';
  return filters.includes('_up-to-date') ? 'upToDate' : filters.includes('name') ? 'batch' : 'all';
}

const count = ({ requests }: Proxy, kind: Kind): number =>
  requests.filter((line) => kindOf(line) === kind).length;

/** Watches a change that cannot converge, and interrupts the watch after so many polls. @returns the proxy with the requests */
async function watched(
  name: string,
  polls: number,
  interfere: Interference = () => undefined,
): Promise<Proxy> {
  const between = await proxy(interfere);
  const change = ['update', '--label-add', `change=${between.host}`, name];
  const { child, ended } = startSwarmroll(change, { env: { DOCKER_HOST: between.host } });
  try {
    await until(`${polls} polls`, () => Promise.resolve(count(between, 'service') > polls || undefined));
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130 });
    return between;
  } finally {
    between.close();
  }
}

/**
 * Not every poll lists the nodes. Which tasks are up to date is asked at the start, and again only where a list of the nodes may
 * have shown a change: tests that run at the same time change nodes.
 */
function expectFewOfNodes(between: Proxy): void {
  expect(count(between, 'nodes')).toBeLessThan(count(between, 'service') - 1);
  expect(count(between, 'upToDate')).toBeLessThanOrEqual(1 + count(between, 'nodes'));
}

describe('many tasks that do not change', () => {
  test('20 polls list all tasks only a few times', async () => {
    // They wait for a node, so polls are soon a second apart.
    const between = await watched(many, 20);
    // The first poll lists all tasks; then the interval between such polls grows.
    expect(count(between, 'all')).toBeLessThanOrEqual(10);
    expectFewOfNodes(between);
    expect(count(between, 'events')).toBe(1);
    expect(count(between, 'other')).toBe(1);
    // The other polls list the tasks of a few slots.
    for (const line of between.requests.filter((one) => kindOf(one) === 'batch')) {
      const url = new URL(line.replace(/^\w+ /, ''), 'http://engine');
      const { name = [] } = JSON.parse(url.searchParams.get('filters') ?? '{}') as { name?: string[] };
      expect(name.length).toBeLessThanOrEqual(50);
    }
    expect(count(between, 'batch')).toBeLessThan(count(between, 'service'));
  });
});

describe('few tasks', () => {
  test('are listed by every poll, without further requests', async () => {
    const between = await watched(few, 40);
    expect(count(between, 'all')).toBeLessThan(count(between, 'service'));
    expect(count(between, 'batch')).toBe(0);
    expectFewOfNodes(between);
  });
});

describe('events of the engine', () => {
  /** Changes the service during a watch. @returns the exit code of the watch, and the number of event streams */
  async function superseded(interfere: Interference) {
    const between = await proxy(interfere);
    const change = ['update', '--label-add', `owner=ours-${between.host}`, many];
    try {
      const rollout = startSwarmroll(change, { env: { DOCKER_HOST: between.host } });
      await said(rollout, /overall progress/);
      await swarmroll(['update', '-d', '--label-add', `owner=theirs-${between.host}`, many]);
      const { code } = await rollout.ended;
      return { code, events: count(between, 'events') };
    } finally {
      between.close();
    }
  }
  const isEvents: (url: string | undefined) => boolean = (url) => url?.startsWith('/events') === true;

  test.each<[string, Interference]>([
    ['are sent', () => undefined],
    [
      'are refused',
      ({ url }, response) => {
        if (!isEvents(url)) return undefined;
        response.writeHead(403).end('{"message":"not allowed"}');
        return 'answered';
      },
    ],
    [
      'stop',
      ({ url }, response) => {
        if (!isEvents(url)) return undefined;
        response.writeHead(200).flushHeaders();
        response.destroy();
        return 'answered';
      },
    ],
    ['never start', ({ url }) => (isEvents(url) ? new Promise(() => undefined) : undefined)],
  ])('%s: the verdict is the same', async (_, interfere) => {
    const { code, events } = await superseded(interfere);
    expect(code).toBe(7);
    expect(events).toBeGreaterThanOrEqual(1);
  });
});
