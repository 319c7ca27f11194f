#!/usr/bin/env bash
# Version:   docker-cli 26.1.5 (Debian 13, amd64), and Node 20 for a server that answers as an engine does.
# Guess:     If the engine refuses to remove a service, `docker stack deploy --prune` stops and ends with exit code 1, as
#            `docker stack rm` does.
# Behaviour: It prints the refusal, goes on and ends with exit code 0. The service that was to be removed still runs, and only
#            a line on stderr says so.
# Output:
# | DELETE /services/oldid -> 503
# | POST /services/create -> 201
# | docker's exit code: 0
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

cat >app.yml <<'YAML'
services: {web: {image: 'app:1'}}
YAML
cat >engine.mjs <<'JS'
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';

const Labels = { 'com.docker.stack.namespace': 'app' };
const answers = {
  'GET /info': [200, { Swarm: { LocalNodeState: 'active', ControlAvailable: true } }],
  'GET /networks': [200, [{ Id: 'netid', Name: 'app_default', Scope: 'swarm', Driver: 'overlay', Labels }]],
  'GET /services': [200, [{ ID: 'oldid', Version: { Index: 7 }, Spec: { Name: 'app_old', Labels } }]],
  'DELETE /services/oldid': [503, { message: 'no leader at the moment' }],
  'POST /services/create': [201, { ID: 'webid' }],
};
const engine = createServer((request, response) => {
  const asked = `${request.method} ${request.url.replace(/^\/v[\d.]+|\?.*/g, '')}`;
  const [status, body] = answers[asked] ?? [200, {}];
  if (request.method === 'POST' || request.method === 'DELETE') console.log(`${asked} -> ${status}`);
  response.writeHead(status, { 'Api-Version': '1.45', 'Content-Type': 'application/json' }).end(JSON.stringify(body));
});
engine.listen('engine.sock', () => {
  const docker = spawn('usr/bin/docker', process.argv.slice(2), { stdio: ['ignore', 'ignore', 'inherit'] });
  docker.on('exit', (code) => {
    console.log(`docker's exit code: ${code}`);
    process.exit();
  });
});
JS
export DOCKER_HOST=unix://engine.sock DOCKER_CONFIG=$work
node engine.mjs stack deploy --detach=true --prune --resolve-image=never -c app.yml app >seen

cat seen
sed -n 's/^# | \{0,1\}//p' "$self" | diff - seen || { echo "This has changed (<: header, >: now)." >&2; exit 1; }
