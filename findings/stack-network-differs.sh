#!/usr/bin/env bash
# Version:   docker-cli 26.1.5 (Debian 13, amd64), and Node 20 for a server that answers as an engine does.
# Guess:     A network of a stack cannot be changed. So where the file has another subnet, another MTU and `attachable` of a network
#            that is stored without them, `docker stack deploy` refuses the file, or at least says so.
# Behaviour: It compares the names alone. It says nothing of the network, creates the service on it, and ends with 0.
# Output:
# | POST /services/create -> 201
# | Creating service app_web
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

cat >stack.yml <<'YAML'
services: {web: {image: 'app:1', networks: [back]}}
networks:
  back:
    attachable: true
    driver_opts: {com.docker.network.driver.mtu: '1400'}
    ipam: {config: [{subnet: 10.20.0.0/24}]}
YAML
cat >engine.mjs <<'JS'
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';

const answers = {
  'GET /info': [200, { Swarm: { LocalNodeState: 'active', ControlAvailable: true } }],
  'GET /networks': [
    200,
    [
      {
        Id: 'netid',
        Name: 'app_back',
        Scope: 'swarm',
        Driver: 'overlay',
        Attachable: false,
        Options: { 'com.docker.network.driver.overlay.vxlanid_list': '4097' },
        IPAM: { Driver: 'default', Config: [{ Subnet: '10.0.1.0/24', Gateway: '10.0.1.1' }] },
        Labels: { 'com.docker.stack.namespace': 'app' },
      },
    ],
  ],
  'GET /services': [200, []],
  'POST /services/create': [201, { ID: 'webid' }],
};
const engine = createServer((request, response) => {
  const asked = `${request.method} ${request.url.replace(/^\/v[\d.]+|\?.*/g, '')}`;
  const [status, body] = answers[asked] ?? [200, {}];
  if (request.method === 'POST' || request.method === 'DELETE') console.log(`${asked} -> ${status}`);
  response.writeHead(status, { 'Api-Version': '1.45', 'Content-Type': 'application/json' }).end(JSON.stringify(body));
});
engine.listen('engine.sock', () => {
  const docker = spawn('usr/bin/docker', process.argv.slice(2), { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [docker.stdout, docker.stderr]) stream.on('data', (text) => (said += text));
  docker.on('close', (code) => {
    process.stdout.write(said);
    console.log(`docker's exit code: ${code}`);
    process.exit();
  });
});
JS
export DOCKER_HOST=unix://engine.sock DOCKER_CONFIG=$work
node engine.mjs stack deploy --detach=true --resolve-image=never -c stack.yml app >seen 2>&1

cat seen
sed -n 's/^# | \{0,1\}//p' "$self" | diff - seen || { echo "This has changed (<: header, >: now)." >&2; exit 1; }
