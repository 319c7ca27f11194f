/** The program behind `npm run trace`: runs a command through a proxy that records, and writes the trace. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { readFileSync, writeFileSync } from 'node:fs';
import { findEndpoint } from '../../../src/connection/connection.ts';
import { proxy } from '../../integration/support/proxy.ts';
import { COMMAND } from '../command.ts';
import { traceText } from './format.ts';
import { traceOf } from './record.ts';
import type { Recording } from './record.ts';

const [file = '', separator, ...argv] = process.argv.slice(2);
const { env, platform } = process;
if (separator !== '--' || env['SWARMROLL_TEST_PREFIX'] === undefined) {
  console.error('usage: npm run trace -- FILE -- create|update|rollback|wait [flags] ...');
  console.error('  it records services of the test swarm only: eval "$(scripts/swarm env)"');
  process.exit(2);
}

const readFile = (path: string): Promise<Uint8Array> => Promise.resolve(readFileSync(path));
const endpoint = await findEndpoint({}, { env, readFile, platform });
const recorder = await proxy();
const { host, exchanges } = recorder;
const reply = await fetch(`${endpoint.shown.replace('tcp:', 'http:')}/version`);
const { Version: engine } = (await reply.json()) as { Version: string };

const startedAt = performance.now();
const [program, ...first] = COMMAND;
const child = spawn(program, [...first, ...argv], { env: { ...env, DOCKER_HOST: host }, stdio: 'inherit' });
let signal: Recording['signal'];
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    signal ??= { at: performance.now(), name };
    child.kill(name);
  });
}
child.on('close', (code, endedBy) => {
  const exitCode = code ?? 128 + constants.signals[endedBy ?? 'SIGKILL'];
  process.exitCode = exitCode;
  recorder.close();
  traceOf({ argv, engine, endpoint, exchanges, startedAt, exitCode, ...(signal && { signal }) }).then(
    (trace) => writeFileSync(file, traceText(trace)),
    (error: unknown) => {
      console.error(error);
      process.exitCode = 70;
    },
  );
});
