#!/usr/bin/env bash
# Version:   bun 1.4.5 (npm, Linux x64), and Node 20 for a server that answers as an engine does.
# Guess:     `fetch` knows no raw streams. An engine that answers `POST /exec/ID/start` with 101 makes Bun's `fetch` reject,
#            also where the request asked for the upgrade; at most it gives an empty body.
# Behaviour: Without the header `Upgrade`, it rejects (UnrequestedUpgrade). With it, the status is 101 and the body is the raw
#            stream, read as it comes: the output of an exec or attach needs no client beside `fetch`.
# Output:
# | not asked for: rejects, UnrequestedUpgrade
# | asked for: 101, the body says "Hello from the exec."
set -euo pipefail
self=$(realpath "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --prefix . @oven/bun-linux-x64@1.4.5 >&2

cat >fetch.ts <<'JS'
async function start(headers: Record<string, string>): Promise<string> {
  try {
    const url = 'http://docker/v1.45/exec/execid/start';
    const answer = await fetch(url, { unix: 'engine.sock', method: 'POST', body: '{}', headers });
    let text = '';
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.endsWith('.')) break;
    }
    return `${answer.status}, the body says "${text}"`;
  } catch (error) {
    return `rejects, ${error.code}`;
  }
}
console.log(`not asked for: ${await start({})}`);
console.log(`asked for: ${await start({ Connection: 'Upgrade', Upgrade: 'tcp' })}`);
process.exit();
JS
cat >engine.mjs <<'JS'
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const head = ['HTTP/1.1 101 UPGRADED', 'Content-Type: application/vnd.docker.raw-stream', 'Connection: Upgrade', 'Upgrade: tcp'];
const engine = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.once('data', () => socket.write(`${head.join('\r\n')}\r\n\r\nHello from the exec.`));
});
engine.listen('engine.sock', () => {
  const [command, ...rest] = process.argv.slice(2);
  spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit'] }).on('exit', () => process.exit());
});
JS
node engine.mjs node_modules/@oven/bun-linux-x64/bin/bun fetch.ts >seen

cat seen
sed -n 's/^# | \{0,1\}//p' "$self" | diff - seen || { echo "This has changed (<: header, >: now)." >&2; exit 1; }
