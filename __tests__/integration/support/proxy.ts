/** A proxy in front of the real engine. It records the requests and can make some of them fail. */
import http from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

export interface Proxy {
  /** Its address, for DOCKER_HOST. */
  readonly host: string;
  /** The requests so far: "POST /services/x/update?version=3". */
  readonly requests: readonly string[];
  /** The requests that it has sent to the engine. */
  readonly exchanges: readonly Exchange[];
  /**
   * Makes requests fail from now on: those whose "METHOD /path?query" matches, after the first `skip` of them, and at
   * most `times` of them. When several faults match a request, the one that was injected first applies.
   */
  inject(request: RegExp, fault: Fault, limits?: Limits): Injection;
  close(): void;
}

interface Limits {
  readonly skip?: number;
  readonly times?: number;
}

export interface Injection {
  /** The number of requests that it has made fail. */
  readonly hits: () => number;
  /** Ends the fault: later requests pass. */
  readonly stop: () => void;
}

/**
 * Handles a request before the engine gets it. It returns undefined to let the request pass, or replies itself and
 * returns 'answered'. A promise delays the request until it resolves.
 */
export type Interference = (
  request: IncomingMessage,
  response: ServerResponse,
) => 'answered' | undefined | Promise<undefined>;

/** A request that was sent to the engine, and what has come of it so far. Times are those of `performance.now()`. */
export interface Exchange {
  readonly method: string;
  /** The path and the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly at: number;
  /** When the whole reply had come, or the connection was closed; before that: Infinity. */
  readonly endedAt: number;
  /** Undefined until the whole reply has come. */
  readonly status?: number;
  readonly contentType: string;
  readonly reply: string;
  /** Node's code of the error that ended the connection to the engine: "ECONNREFUSED". */
  readonly failed?: string;
}

/** A request under way. `pass` sends it to the engine; the reply goes to the client, or to `take` when that is given. */
export interface Held {
  readonly response: ServerResponse;
  readonly pass: (take?: (reply: IncomingMessage) => void) => void;
}

/** What happens to a request instead of `pass`. */
export type Fault = (held: Held) => void;

/** The proxy replies, and the engine gets nothing. An object is sent as JSON, a text as HTML or as plain text. */
export const answer =
  (status: number, body: string | object): Fault =>
  ({ response }) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const type = typeof body !== 'string' ? 'application/json' : /^</.test(body) ? 'text/html' : 'text/plain';
    response.writeHead(status, { 'Content-Type': type });
    response.end(text);
  };

/** The engine gets the request, but the client gets another reply, as from a gateway with a timeout. */
export const answerAfterwards =
  (status: number, body: string | object): Fault =>
  ({ response, pass }) =>
    pass((reply) => reply.resume().on('end', () => answer(status, body)({ response, pass })));

/** The connection is closed, and the engine gets nothing. */
export const cutBefore: Fault = ({ response }) => response.destroy();

/** The engine gets the request, and the connection is closed before its reply. */
export const cutAfter: Fault = ({ response, pass }) =>
  pass((reply) => reply.resume().on('end', () => response.destroy()));

/** The connection is closed in the middle of the engine's reply. */
export const cutReply: Fault = ({ response, pass }) =>
  pass((reply) => {
    const { 'transfer-encoding': _, ...headers } = reply.headers;
    whole(reply, (body) => {
      response.writeHead(reply.statusCode ?? 502, { ...headers, 'content-length': body.length });
      response.write(body.subarray(0, body.length / 2), () => response.destroy());
    });
  });

/** The client gets the engine's reply with a part of its text replaced. */
export const rewrite =
  (part: string | RegExp, by: string): Fault =>
  ({ response, pass }) =>
    pass((reply) => {
      const { 'content-length': _, ...headers } = reply.headers;
      whole(reply, (body) => {
        response.writeHead(reply.statusCode ?? 502, headers);
        response.end(body.toString().replaceAll(part, by));
      });
    });

/** The request is delayed for `ms` milliseconds. */
export const delay =
  (ms: number): Fault =>
  ({ pass }) =>
    void setTimeout(pass, ms);

/** There is never a reply, and the engine gets nothing. */
export const hang: Fault = () => undefined;

/** Starts a proxy on a free port of 127.0.0.1. */
export async function proxy(interfere: Interference = () => undefined): Promise<Proxy> {
  const requests: string[] = [];
  const exchanges: Exchange[] = [];
  const injected: ((line: string) => Fault | undefined)[] = [];
  const { hostname, port } = new URL(process.env['DOCKER_HOST'] ?? '');
  const server = http.createServer((request, response) => {
    const { method = '', url: path = '', headers } = request;
    requests.push(`${method} ${path}`);
    const pass: Held['pass'] = (take) => {
      // Held back for so long that the client has gone.
      if (response.destroyed) return;
      const exchange = noted(method, path, headers);
      exchanges.push(exchange);
      whole(request, (body) => (exchange.body = body.toString()));
      const end = (what: Partial<Exchange>): void => {
        if (exchange.endedAt === Infinity) Object.assign(exchange, { endedAt: performance.now(), ...what });
      };
      const onward = http.request({ hostname, port, method, path, headers }, (reply) => {
        whole(reply, (body) =>
          end({
            status: reply.statusCode ?? 502,
            contentType: reply.headers['content-type'] ?? '',
            reply: body.toString(),
          }),
        );
        reply.on('error', onError);
        if (take !== undefined) {
          take(reply);
          return;
        }
        response.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(response);
      });
      const onError = ({ code = '' }: NodeJS.ErrnoException): void => {
        end({ failed: code });
        response.destroy();
      };
      onward.on('error', onError);
      // The event stream would never end by itself.
      response.on('close', () => {
        end({});
        onward.destroy();
      });
      request.pipe(onward);
    };
    for (const faultFor of injected) {
      const fault = faultFor(`${method} ${path}`);
      if (fault !== undefined) {
        fault({ response, pass });
        return;
      }
    }
    const decided = interfere(request, response);
    if (decided instanceof Promise)
      decided.then(
        () => pass(),
        () => response.destroy(),
      );
    else if (decided === undefined) pass();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    host: `tcp://127.0.0.1:${address.port}`,
    requests,
    exchanges,
    inject: (request, fault, { skip = 0, times = Infinity } = {}) => {
      let met = 0;
      let isOn = true;
      injected.push((line) => {
        if (!isOn || !request.test(line)) return undefined;
        met += 1;
        return met > skip && met <= skip + times ? fault : undefined;
      });
      return {
        hits: () => Math.min(Math.max(0, met - skip), times),
        stop: () => {
          isOn = false;
        },
      };
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** An exchange that has just begun. */
const noted = (method: string, path: string, headers: IncomingHttpHeaders): Writable<Exchange> => ({
  method,
  path,
  headers,
  body: '',
  at: performance.now(),
  endedAt: Infinity,
  contentType: '',
  reply: '',
});

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function whole(reply: IncomingMessage, then: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  reply.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => then(Buffer.concat(chunks)));
}
