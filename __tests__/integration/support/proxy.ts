/** A proxy in front of the real engine: it tells what was asked, and makes chosen requests fail. */
import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { swarm } from './swarm.ts';

export interface Proxy {
  /** What DOCKER_HOST has to be to go through it. */
  readonly host: string;
  /** The requests so far: "POST /services/x/update?version=3". */
  readonly requests: readonly string[];
  /**
   * Makes requests fail from now on: those whose "METHOD /path?query" matches, the first `skip` of them left out, and
   * `times` of them at most. Of several faults for a request, the one that was injected first counts.
   */
  inject(request: RegExp, fault: Fault, limits?: Limits): Injection;
  close(): void;
}

interface Limits {
  readonly skip?: number;
  readonly times?: number;
}

export interface Injection {
  /** How many requests it has met. */
  readonly hits: () => number;
  /** Lets all further requests pass. */
  readonly stop: () => void;
}

/**
 * Decides over a request before the engine gets it: gives nothing to let it pass, or answers it itself. A promise
 * holds the request back until it is settled.
 */
export type Interference = (
  request: IncomingMessage,
  response: ServerResponse,
) => 'answered' | undefined | Promise<undefined>;

/** One request on its way. `pass` has the engine act on it; the reply goes to the client, or to `take` instead. */
export interface Exchange {
  readonly response: ServerResponse;
  readonly pass: (take?: (reply: IncomingMessage) => void) => void;
}

/** What happens to a request in place of passing it on. */
export type Fault = (exchange: Exchange) => void;

/** Answers in place of the engine, which gets nothing: an object as JSON, a text as HTML or as it is. */
export const answer =
  (status: number, body: string | object): Fault =>
  ({ response }) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const type = typeof body !== 'string' ? 'application/json' : /^</.test(body) ? 'text/html' : 'text/plain';
    response.writeHead(status, { 'Content-Type': type });
    response.end(text);
  };

/** The engine acts, but the client gets another answer: a gateway that did not wait for it. */
export const answerAfterwards =
  (status: number, body: string | object): Fault =>
  ({ response, pass }) =>
    pass((reply) => reply.resume().on('end', () => answer(status, body)({ response, pass })));

/** Cuts the connection; the engine gets nothing. */
export const cutBefore: Fault = ({ response }) => response.destroy();

/** The engine acts, then the connection is cut: its answer is lost. */
export const cutAfter: Fault = ({ response, pass }) =>
  pass((reply) => reply.resume().on('end', () => response.destroy()));

/** The connection is cut in the middle of the engine's answer. */
export const cutReply: Fault = ({ response, pass }) =>
  pass((reply) => {
    const { 'transfer-encoding': _, ...headers } = reply.headers;
    whole(reply, (body) => {
      response.writeHead(reply.statusCode ?? 502, { ...headers, 'content-length': body.length });
      response.write(body.subarray(0, body.length / 2), () => response.destroy());
    });
  });

/** The engine's answer with a part of it changed. */
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

/** Holds the request back for so many milliseconds. */
export const delay =
  (ms: number): Fault =>
  ({ pass }) =>
    void setTimeout(pass, ms);

/** No answer comes, ever; the engine gets nothing. */
export const hang: Fault = () => undefined;

/** Starts one on a free port. */
export async function proxy(interfere: Interference = () => undefined): Promise<Proxy> {
  const requests: string[] = [];
  const injected: ((line: string) => Fault | undefined)[] = [];
  const { hostname, port } = new URL(swarm.host);
  const server = http.createServer((request, response) => {
    const { method = '', url: path = '', headers } = request;
    requests.push(`${method} ${path}`);
    const pass: Exchange['pass'] = (take) => {
      const onward = http.request({ hostname, port, method, path, headers }, (reply) => {
        if (take !== undefined) {
          take(reply);
          return;
        }
        response.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(response);
      });
      onward.on('error', () => response.destroy());
      // A stream of events would go on for ever.
      response.on('close', () => onward.destroy());
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

function whole(reply: IncomingMessage, then: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  reply.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => then(Buffer.concat(chunks)));
}
