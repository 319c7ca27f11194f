/** Debian's chromium without a window, over its pipe (https://chromedevtools.github.io/devtools-protocol/). */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

type Fields = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Fields;
  readonly result?: Fields;
  readonly error?: { readonly message: string };
}

/** One page of a browser. */
export interface Page {
  /** Calls a method of the protocol. */
  readonly call: (method: string, params?: Fields) => Promise<Fields>;
  /** The value of an expression in the page. */
  readonly evaluate: <T>(expression: string) => Promise<T>;
  /** Loads a page, and resolves when all of it has been loaded. */
  readonly open: (url: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Starts a browser with an empty page. @throws if there is no chromium */
export async function openPage(): Promise<Page> {
  const profile = mkdtempSync(join(tmpdir(), 'swarmroll-chromium-'));
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--hide-scrollbars',
  ];
  const child = spawn('chromium', [...flags, '--remote-debugging-pipe', `--user-data-dir=${profile}`], {
    // The processes of a browser share its stderr. So "close" comes only after the last of them has ended.
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    // A group of its own, which `close` ends as a whole.
    detached: true,
  });
  child.stderr?.resume();
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const failed = new Promise<never>((_, reject) =>
    child.once('error', (cause) =>
      reject(new Error('these tests need chromium: scripts/swarm tools installs it', { cause })),
    ),
  );
  failed.catch(() => undefined);
  const [, , , input, output] = child.stdio as unknown as [null, null, null, Writable, Readable];
  input.on('error', () => undefined);
  const waiting = new Map<number, (message: Message) => void>();
  const listeners = new Set<(message: Message) => void>();
  let text = '';
  output.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    const parts = text.split('\0');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const message = JSON.parse(part) as Message;
      if (message.id === undefined) listeners.forEach((listen) => listen(message));
      else waiting.get(message.id)?.(message);
    }
  });
  let count = 0;
  const send = async (method: string, params: Fields, sessionId?: string): Promise<Fields> => {
    const id = (count += 1);
    const reply = new Promise<Message>((resolve) => waiting.set(id, resolve));
    input.write(
      `${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`,
    );
    const { result = {}, error } = await Promise.race([reply, failed]);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const call: Page['call'] = (method, params = {}) => send(method, params, sessionId as string);
  await call('Page.enable');
  return {
    call,
    evaluate: async <T>(expression: string) => {
      const { result, exceptionDetails } = await call('Runtime.evaluate', {
        expression,
        returnByValue: true,
      });
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
      return (result as { readonly value: T }).value;
    },
    open: async (url) => {
      const loaded = new Promise<void>((resolve) => {
        const listen = ({ method }: Message): void => {
          if (method !== 'Page.loadEventFired') return;
          listeners.delete(listen);
          resolve();
        };
        listeners.add(listen);
      });
      await call('Page.navigate', { url });
      await loaded;
    },
    close: async () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      await ended;
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
