#!/usr/bin/env bash
# Version:   docker-cli 26.1.5 (Debian 13, amd64), and Node 20 for a server that answers as an engine does.
# Guess:     `docker stack deploy` names the options of a service that a swarm does not have in its line "Ignoring unsupported
#            options", and ignores exactly these: what is in the line has no effect, and what has no effect is in the line.
# Behaviour: `restart` is in the line and takes effect. `tmpfs` and the `ipv4_address` of a network have no effect, and no line
#            names them.
# Output:
# | told:    Ignoring unsupported options: privileged, restart
# | restart: {"Condition":"on-failure","MaxAttempts":3}
# | network: {"Target":"app_front","Aliases":["web"]}
# | mounts:  none
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

cat >stack.yml <<'YAML'
services:
  web:
    image: app:1
    privileged: true
    restart: on-failure:3
    tmpfs: [/run/cache]
    networks: {front: {ipv4_address: 10.9.0.5}}
networks:
  front: {ipam: {config: [{subnet: 10.9.0.0/24}]}}
YAML
cat >engine.mjs <<'JS'
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';

const show = (value) => (value === undefined || value === null ? 'none' : JSON.stringify(value));
const engine = createServer((request, response) => {
  const asked = `${request.method} ${request.url.replace(/^\/v[\d.]+|\?.*/g, '')}`;
  let text = '';
  request.on('data', (part) => (text += part)).on('end', () => {
    if (asked === 'POST /services/create') {
      const { ContainerSpec, RestartPolicy, Networks } = JSON.parse(text).TaskTemplate;
      console.log(`restart: ${show(RestartPolicy)}\nmounts:  ${show(ContainerSpec.Mounts)}\nnetwork: ${show(Networks?.[0])}`);
    }
    const body = asked === 'GET /info' ? { Swarm: { LocalNodeState: 'active', ControlAvailable: true } } : request.method === 'GET' ? [] : { Id: 'id', ID: 'id' };
    response.writeHead(request.method === 'GET' ? 200 : 201, { 'Api-Version': '1.45', 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  });
});
engine.listen('engine.sock', () => {
  const docker = spawn('usr/bin/docker', process.argv.slice(2), { stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  docker.stderr.setEncoding('utf8').on('data', (part) => (told += part));
  docker.on('close', () => {
    process.stdout.write(told.replace(/^Ignoring/gm, 'told:    Ignoring').replace(/\n+/g, '\n'), () => process.exit());
  });
});
JS
DOCKER_CONFIG=$work DOCKER_HOST=unix://engine.sock node engine.mjs stack deploy --detach=true --resolve-image=never -c stack.yml app | sort -r >seen

cat seen
sed -n 's/^# | \{0,1\}//p' "$self" | diff - seen || { echo "This has changed (<: header, >: now)." >&2; exit 1; }
