/** How the docker that is run ends, and what is said then. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { runDocker } from '../../../src/held-writes/docker-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'swarmroll-command-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a docker that a signal ends without a word: it is the signal that is told, not an error of docker', async () => {
  const path = join(folder, 'docker');
  writeFileSync(path, '#!/bin/sh\nexec sleep 600\n');
  chmodSync(path, 0o755);
  const interrupt = new AbortController();
  const running = runDocker(['stack', 'deploy'], {
    env: { PATH: `${folder}:/usr/bin:/bin` },
    interrupted: interrupt.signal,
    waits: (_, reply) => reply,
  });
  interrupt.abort('SIGINT');
  await expect(running).rejects.toBe('SIGINT');
});
