#!/usr/bin/env bash
# Version:   dockerode 5.0.1 with docker-modem 5.0.7 (npm), Node 20, also for a server that answers as an engine does.
# Guess:     If a pull fails after the engine has begun to answer, `modem.followProgress` calls its callback with an error.
# Behaviour: The callback gets `null` as its error: the pull looks as if it had worked. The failure is only in the list of
#            messages, as one with a field `error`. `docker pull` ends with exit code 1 there.
# Output:
# | dockerode: error null, last message: unexpected EOF
# | docker: exit code 1
set -euo pipefail
self=$(realpath "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
debian() { # PATH SHA256: downloads a package of Debian and unpacks it here
  /usr/lib/apt/apt-helper -o APT::Sandbox::User=root download-file "http://deb.debian.org/debian/pool/main/$1" package.deb "SHA256:$2" >&2
  dpkg -x package.deb .
}
debian 'd/docker.io/docker-cli_26.1.5+dfsg1-9+deb13u1+b1_amd64.deb' 596647bc4ffaaaf2e2321116b8a10f6a6086ada797c17a7117798cb391a72776
npm install --silent --no-audit --no-fund --prefix . dockerode@5.0.1 docker-modem@5.0.7 >&2

cat >pull.mjs <<'JS'
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import Docker from 'dockerode';

const messages = [
  { status: 'Pulling from app', id: '1' },
  { errorDetail: { message: 'unexpected EOF' }, error: 'unexpected EOF' },
];
const engine = createServer((request, response) => {
  response.writeHead(200, { 'Api-Version': '1.45', 'Content-Type': 'application/json' });
  const isPull = request.url.includes('/images/create');
  response.end(isPull ? messages.map((message) => `${JSON.stringify(message)}\r\n`).join('') : undefined);
});
engine.listen('engine.sock', async () => {
  const client = new Docker({ socketPath: 'engine.sock' });
  client.modem.followProgress(await client.pull('registry.example/app:1'), (error, list) => {
    console.log(`dockerode: error ${error}, last message: ${list.at(-1).error}`);
    execFile('usr/bin/docker', ['pull', '--quiet', 'registry.example/app:1'], (failure) => {
      console.log(`docker: exit code ${failure?.code ?? 0}`);
      process.exit();
    });
  });
});
JS
export DOCKER_HOST=unix://engine.sock DOCKER_CONFIG=$work
node pull.mjs >seen

cat seen
sed -n 's/^# | \{0,1\}//p' "$self" | diff - seen || { echo "This has changed (<: header, >: now)." >&2; exit 1; }
