#!/usr/bin/env bash
# Version:   docker-cli 26.1.5 (Debian 13, amd64), and Node 20 for a server that answers as an engine does.
# Guess:     `docker stack deploy` reads the whole file and all that it names before it sends anything. Where it refuses a
#            file, the swarm is as before.
# Behaviour: It makes the networks first. Then it says that the file of a secret is missing, or that a health check has both a
#            test and `disable: true` (two files merged give that, and `docker stack config` lets it pass). The new networks
#            stay.
# Output:
# | missing.yml:
# | POST /networks/create -> 201
# | docker's exit code: 1
# | health.yml:
# | POST /networks/create -> 201
# | docker's exit code: 1
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

cat >missing.yml <<'YAML'
services: {web: {image: 'app:1', secrets: [password]}}
secrets: {password: {file: ./password.txt}}
YAML
cat >health.yml <<'YAML'
services: {web: {image: 'app:1', healthcheck: {test: [CMD, 'true'], disable: true}}}
YAML
cat >engine.mjs <<'JS'
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';

const answers = {
  'GET /info': [200, { Swarm: { LocalNodeState: 'active', ControlAvailable: true } }],
  'GET /networks': [200, []],
  'POST /networks/create': [201, { Id: 'netid' }],
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
for file in missing health; do
  echo "$file.yml:"
  usr/bin/docker stack config -c $file.yml >config.yml
  node engine.mjs stack deploy --detach=true --resolve-image=never -c $file.yml app
  rm -f engine.sock
done >seen

cat seen
sed -n 's/^# | \{0,1\}//p' "$self" | diff - seen || { echo "This has changed (<: header, >: now)." >&2; exit 1; }
