/**
 * What docker reads while it runs against our socket: lists and objects come from the snapshot, everything else from the engine.
 *
 * docker looks up one image after the other. If that takes longer than a second run of docker, the rest of the look-ups get the
 * answer "not found" at once, and are sent to the engine at the same time. The second run of docker gets their answers.
 */
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { stringifyExact } from '../values/exact-json.ts';
import type { HttpReply } from '../engine/http.ts';
import { readBytes } from '../engine/request.ts';
import type { Respond, SocketReply, SocketRequest } from './private-socket.ts';
import { answerFrom } from './snapshot.ts';
import type { MadeUp, Snapshot } from './snapshot.ts';

/** How many images are looked up at the same time. The engine asks the registry about each. */
const AT_ONCE = 32;

/** For look-ups that were sent early, the first run waits this many times longer. */
const EARLY_FACTOR = 4;

/** The headers of the engine that docker reads. */
const PASSED_HEADERS = [
  'api-version',
  'builder-version',
  'content-encoding',
  'docker-experimental',
  'ostype',
  'server',
  'swarm',
];
/** The headers of docker that belong to its own connection. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'te',
  'expect',
]);

interface DockerReads {
  /** Reads what docker will ask for first. @throws EngineError if the engine gives no reply */
  readonly begin: () => Promise<Snapshot>;
  /** @throws EngineError if the engine gives no reply, or not all of it */
  readonly answer: (
    asked: SocketRequest,
    path: string,
    query: URLSearchParams,
    madeUp: readonly MadeUp[],
    respond: Respond,
  ) => Promise<void>;
  /**
   * Ends the first run. From now on, the answers to look-ups are waited for.
   * @returns whether docker has been told "not found" before there was an answer: then it has to run again
   */
  readonly endFirstRun: () => boolean;
  /** The images whose look-up has failed. */
  readonly unresolved: ReadonlySet<string>;
}

/**
 * What docker asks for first and the look-ups are sent once, however often docker runs. Other replies are passed on while they come.
 * @param readSnapshot reads what the swarm has
 * @param imagesIn the images that docker is likely to look up
 */
export function dockerReads(
  engine: Engine,
  readSnapshot: () => Promise<Snapshot>,
  imagesIn: (snapshot: Snapshot) => Promise<readonly string[]>,
  { clock, interrupted: signal }: Pick<Call['world'], 'clock' | 'interrupted'>,
): DockerReads {
  const replies = new Map<string, Promise<SocketReply>>();
  const takesPlace = places(AT_ONCE);
  let isFirstRun = true;
  let isGuessed = false;
  let startedAt = clock.now();
  let snapshot: Promise<Snapshot> | undefined;
  /** How long (ms) docker took to its first look-up: a second run would take about as long. */
  let firstLookUpAfter: number | undefined;
  /** How long (ms) the first run has waited for look-ups so far. */
  let waited = 0;
  /** The look-ups that were sent early, all at the same time: to wait for one is to wait for all. */
  const sentEarly = new Set<Promise<SocketReply>>();
  const unresolved = new Set<string>();

  type Asked = Pick<SocketRequest, 'url' | 'headers'>;
  const forwarded = <T>({ url, headers }: Asked, read: (reply: HttpReply) => Promise<T>): Promise<T> =>
    engine.forward(url, passedOn(headers), signal, read);

  /** The whole reply, which both runs of docker get. */
  const kept = (asked: Asked): Promise<SocketReply> => {
    const key = `${asked.url} ${asked.headers['x-registry-auth']?.toString() ?? ''}`;
    const known = replies.get(key);
    if (known !== undefined) return known;
    const reply = takesPlace(() =>
      forwarded(asked, async (whole) => replyOf(whole, await readBytes(whole.body))),
    );
    // Nobody may be waiting for it yet.
    reply.catch(() => undefined);
    replies.set(key, reply);
    return reply;
  };
  // docker asks for these first, one after the other. What it reads of them is the same in every API version.
  const early = new Set(['/_ping', '/info']);
  const begin = (): Promise<Snapshot> => {
    if (snapshot === undefined) {
      startedAt = clock.now();
      snapshot = readSnapshot();
      // Nobody may be waiting for it yet.
      snapshot.catch(() => undefined);
      for (const url of early) void kept({ url, headers: {} });
    }
    return snapshot;
  };

  /** docker's first request with a version tells the beginning of the others: they are sent before docker gets to them. */
  const lookUpEarly = async ({ url, headers }: SocketRequest, known: Snapshot): Promise<void> => {
    for (const image of await imagesIn(known))
      sentEarly.add(kept({ url: url.replace(/\/info$/, `/distribution/${image}/json`), headers }));
  };

  const noted = (reply: SocketReply, image: string): SocketReply => {
    if (reply.status >= 400) unresolved.add(image);
    return reply;
  };

  const lookedUp = async (asked: SocketRequest, image: string): Promise<SocketReply> => {
    const reply = kept(asked);
    if (!isFirstRun) return noted(await reply, image);
    const from = clock.now();
    firstLookUpAfter ??= from - startedAt;
    const left = firstLookUpAfter * (sentEarly.has(reply) ? EARLY_FACTOR : 1) - waited;
    // An answer that is there is taken in any case.
    const inTime = await Promise.race([reply, left > 0 ? clock.sleep(left, signal) : undefined]);
    waited += clock.now() - from;
    if (inTime !== undefined) return noted(inTime, image);
    isGuessed = true;
    return jsonReply(404, { message: 'not looked up yet' });
  };

  const answer: DockerReads['answer'] = async (asked, path, query, madeUp, respond) => {
    const [, image] = /^\/distribution\/(.+)\/json$/.exec(path) ?? [];
    if (image !== undefined) return respond(await lookedUp(asked, image));
    if (path === '/_ping') return respond(await kept({ url: path, headers: {} }));
    const known = await begin();
    if (path === '/info') await lookUpEarly(asked, known);
    if (early.has(path)) return respond(await kept({ url: path, headers: {} }));
    const found = answerFrom(known, madeUp, path, query);
    if (found !== undefined) return respond(jsonReply(found.status, found.value));
    return forwarded(asked, (reply) => respond(replyOf(reply, reply.body)));
  };
  const endFirstRun = (): boolean => {
    isFirstRun = false;
    return isGuessed;
  };
  return { begin, answer, endFirstRun, unresolved };
}

export const jsonReply = (status: number, value: unknown): SocketReply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: value === '' ? '' : stringifyExact(value),
});

/** Runs functions, so many at the same time. */
function places(count: number): <T>(run: () => Promise<T>) => Promise<T> {
  let free = count;
  const waiting: (() => void)[] = [];
  return async (run) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

function replyOf(reply: Omit<HttpReply, 'body'>, body: SocketReply['body']): SocketReply {
  const passed = PASSED_HEADERS.flatMap((name): [string, string][] => {
    const value = reply.header(name);
    return value === undefined ? [] : [[name, value]];
  });
  const type = reply.contentType === '' ? {} : { 'content-type': reply.contentType };
  return { status: reply.status, headers: { ...Object.fromEntries(passed), ...type }, body };
}

const passedOn = (headers: SocketRequest['headers']): Record<string, string> =>
  Object.fromEntries(
    // Bun's fetch would accept more than docker does.
    Object.entries({ 'accept-encoding': 'identity', ...headers }).flatMap(([name, value]) =>
      value === undefined || OWN_HEADERS.has(name) ? [] : [[name, value.toString()]],
    ),
  );
