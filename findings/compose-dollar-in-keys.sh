#!/usr/bin/env bash
# Version:   docker-cli 26.1.5, docker-compose 2.26.1 (both Debian 13, amd64).
# Guess:     `docker compose config` writes a `$` of a value as `$$`, so that docker's own interpolation gives the value back. The
#            names of labels are no place for interpolation: they stay, and a stack file made in this way has the same labels.
# Behaviour: Compose doubles the `$` in names too, and docker interpolates values alone. So each way through both adds a `$` to
#            the name of a label, and the value is right.
# Output:
# | compose: {"pay.$$currency":"$$5"}
# | docker:  pay.$$currency: $$5
# | sent:    {"pay.$$currency":"$5"}
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
debian 'd/docker-compose/docker-compose_2.26.1-4_amd64.deb' 47681197cb2b1ab88206b42a1a92fc75f50d9530a6322d03494a473eed0408ea

cat >compose.yml <<'YAML'
services:
  web:
    image: app:1
    labels:
      pay.$currency: $$5
YAML
cat >engine.mjs <<'JS'
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';

const engine = createServer((request, response) => {
  const asked = `${request.method} ${request.url.replace(/^\/v[\d.]+|\?.*/g, '')}`;
  let text = '';
  request.on('data', (part) => (text += part)).on('end', () => {
    if (asked === 'POST /services/create')
      console.log(`sent:    ${JSON.stringify(JSON.parse(text).TaskTemplate.ContainerSpec.Labels, (key, value) => (key.startsWith('com.docker') ? undefined : value))}`);
    const body = asked === 'GET /info' ? { Swarm: { LocalNodeState: 'active', ControlAvailable: true } } : request.method === 'GET' ? [] : { Id: 'id', ID: 'id' };
    response.writeHead(request.method === 'GET' ? 200 : 201, { 'Api-Version': '1.45', 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  });
});
engine.listen('engine.sock', () => {
  spawn('usr/bin/docker', process.argv.slice(2), { stdio: ['ignore', 'ignore', 'inherit'] }).on('exit', () => process.exit());
});
JS
export DOCKER_CONFIG=$work
usr/libexec/docker/cli-plugins/docker-compose -f compose.yml -p app config --format json >config.json
{
  node -p "'compose: ' + JSON.stringify(JSON.parse(fs.readFileSync('config.json')).services.web.labels)"
  # docker knows neither the name of a project nor a command that is null.
  node -p "const { image, labels } = JSON.parse(fs.readFileSync('config.json')).services.web; JSON.stringify({ services: { web: { image, labels } } })" >stack.yml
  usr/bin/docker stack config --skip-interpolation -c stack.yml 2>/dev/null | sed -n 's/^ *\(pay.*\)/docker:  \1/p'
  DOCKER_HOST=unix://engine.sock node engine.mjs stack deploy --detach=true --resolve-image=never -c stack.yml app 2>/dev/null
} >seen

cat seen
sed -n 's/^# | \{0,1\}//p' "$self" | diff - seen || { echo "This has changed (<: header, >: now)." >&2; exit 1; }
