/** HTTP as engine/ uses it. http-client.ts chooses what speaks it. */
import type { Method } from './errors.ts';

interface HttpRequest {
  readonly method: Method;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpReply {
  readonly status: number;
  /** "" if the reply does not say. */
  readonly contentType: string;
  /** A header by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  readonly body: AsyncIterable<Buffer>;
}

export interface HttpClient {
  /** Rejects with Node's error (`code: 'ECONNREFUSED'`) if the connection fails, or if the signal aborts. */
  readonly send: (request: HttpRequest) => Promise<HttpReply>;
  /** Whether several requests can run at once. */
  readonly parallel: boolean;
  /** Kills the processes that were started for the connections. */
  readonly close: () => void;
}
