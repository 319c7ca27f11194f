/** How much a watch asks of the engine: requests and bytes, not times, which depend on the machine. */
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
/** More than are listed at every look. */
const MANY = 200;
const many = uniqueName('many');
const few = uniqueName('few');

beforeAll(async () => {
  await swarmroll(['create', '-d', '--name', many, '--replicas', String(MANY), ...STUCK, ping]);
  await swarmroll(['create', '-d', '--name', few, '--replicas', '2', ...STUCK, ping]);
  await until('all tasks to wait', async () => {
    const tasks = await storedTasks(many);
    const waiting = tasks.filter(({ Status }) => (Status.Err ?? '') !== '');
    return waiting.length === MANY || undefined;
  });
});
afterAll(async () => {
  // The engine may crash over a service that goes away together with many tasks.
  try {
    await swarmroll(['update', '-d', '--replicas', '0', many]);
    await until('the tasks to go', async () => (await storedTasks(many)).length === 0 || undefined);
  } finally {
    await removeServices(many, few);
  }
});

/** What a request asks for. */
type Kind = 'service' | 'all' | 'places' | 'word' | 'nodes' | 'events' | 'other';

function kindOf(line: string): Kind {
  const url = new URL(line.replace(/^\w+ /, ''), 'http://engine');
  const filters = Object.keys(JSON.parse(url.searchParams.get('filters') ?? '{}') as object);
  if (line.startsWith('GET /services/')) return 'service';
  if (url.pathname === '/nodes') return 'nodes';
  if (url.pathname === '/events') return 'events';
  if (url.pathname !== '/tasks') return 'other';
  return filters.includes('_up-to-date') ? 'word' : filters.includes('name') ? 'places' : 'all';
}

const count = ({ requests }: Proxy, kind: Kind): number =>
  requests.filter((line) => kindOf(line) === kind).length;

/** Watches a change that can't converge until it has looked so often at the service, and interrupts it. */
async function watched(
  name: string,
  looks: number,
  interfere: Interference = () => undefined,
): Promise<Proxy> {
  const between = await proxy(interfere);
  const change = ['update', '--label-add', `change=${between.host}`, name];
  const { child, ended } = startSwarmroll(change, { env: { DOCKER_HOST: between.host } });
  try {
    await until(`${looks} looks`, () => Promise.resolve(count(between, 'service') > looks || undefined));
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130 });
    return between;
  } finally {
    between.close();
  }
}

describe('many tasks, of which none moves', () => {
  test('40 looks at the service list all tasks a few times and never ask again which spec they are of', async () => {
    const between = await watched(many, 40);
    // All when the watch begins; then seldom and more seldom.
    expect(count(between, 'all')).toBeLessThanOrEqual(10);
    expect(count(between, 'word')).toBeLessThanOrEqual(2);
    expect(count(between, 'nodes')).toBeLessThanOrEqual(8);
    expect(count(between, 'events')).toBe(1);
    expect(count(between, 'other')).toBe(1);
    // Those asked for by their places are a part of all.
    for (const line of between.requests.filter((one) => kindOf(one) === 'places')) {
      const url = new URL(line.replace(/^\w+ /, ''), 'http://engine');
      const { name = [] } = JSON.parse(url.searchParams.get('filters') ?? '{}') as { name?: string[] };
      expect(name.length).toBeLessThanOrEqual(50);
    }
    expect(count(between, 'places')).toBeLessThanOrEqual(40);
  });
});

describe('few tasks', () => {
  test('are listed at every look, and no more is asked', async () => {
    const between = await watched(few, 40);
    expect(count(between, 'all')).toBeLessThanOrEqual(42);
    expect(count(between, 'places')).toBe(0);
    expect(count(between, 'word')).toBeLessThanOrEqual(2);
    expect(count(between, 'nodes')).toBeLessThanOrEqual(8);
  });
});

describe('events', () => {
  /** Makes another change once the watch is under way; gives what it then said, and how it ended. */
  async function superseded(interfere: Interference) {
    const between = await proxy(interfere);
    const change = ['update', '--label-add', `ours=${between.host}`, many];
    try {
      const rollout = startSwarmroll(change, { env: { DOCKER_HOST: between.host } });
      await said(rollout, /overall progress/);
      await swarmroll(['update', '-d', '--label-add', `theirs=${between.host}`, many]);
      const { code } = await rollout.ended;
      return { code, events: count(between, 'events') };
    } finally {
      between.close();
    }
  }
  const isEvents: (url: string | undefined) => boolean = (url) => url?.startsWith('/events') === true;

  test.each<[string, Interference]>([
    ['flow', () => undefined],
    [
      'are refused',
      ({ url }, response) => {
        if (!isEvents(url)) return undefined;
        response.writeHead(403).end('{"message":"not allowed"}');
        return 'answered';
      },
    ],
    [
      'break off',
      ({ url }, response) => {
        if (!isEvents(url)) return undefined;
        response.writeHead(200).flushHeaders();
        response.destroy();
        return 'answered';
      },
    ],
    ['never answer', ({ url }) => (isEvents(url) ? new Promise(() => undefined) : undefined)],
  ])('%s: the verdict is the same', async (_, interfere) => {
    const { code, events } = await superseded(interfere);
    expect(code).toBe(7);
    expect(events).toBeGreaterThanOrEqual(1);
  });
});
