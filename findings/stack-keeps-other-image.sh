#!/usr/bin/env bash
# Version:   docker-cli 26.1.5 (Debian 13, amd64), and Node 20 for a server that answers as an engine does.
# Guess:     The file says app:1, and the service runs app:2 since `docker service update --image app:2`. Then
#            `docker stack deploy --resolve-image never` brings app:1 back: the flag is only about digests.
# Behaviour: With `never`, and with `changed` too, docker compares the file with the label com.docker.stack.image. The label
#            still says app:1, so docker sees no change and sends app:2 once more. It ends with 0, and what runs is not what
#            the file says.
# Output:
# | --resolve-image always
# |   sent: app:1@sha256:1111111...
# |   docker's exit code: 0
# | --resolve-image changed
# |   sent: app:2@sha256:2222222...
# |   docker's exit code: 0
# | --resolve-image never
# |   sent: app:2@sha256:2222222...
# |   docker's exit code: 0
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

const Labels = { 'com.docker.stack.namespace': 'app', 'com.docker.stack.image': 'app:1' };
const image = (digit) => `app:${digit}@sha256:${String(digit).repeat(64)}`;
const web = { Name: 'app_web', Labels, TaskTemplate: { ContainerSpec: { Image: image(2) } }, Mode: { Replicated: {} } };
const answers = {
  'GET /distribution/app:1/json': { Descriptor: { digest: image(1).split('@')[1] }, Platforms: [] },
  'GET /info': { Swarm: { LocalNodeState: 'active', ControlAvailable: true } },
  'GET /networks': [{ Id: 'netid', Name: 'app_default', Scope: 'swarm', Driver: 'overlay', Labels }],
  'GET /services': [{ ID: 'webid', Version: { Index: 7 }, Spec: web }],
};
const engine = createServer(async (request, response) => {
  const asked = `${request.method} ${request.url.replace(/^\/v[\d.]+|\?.*/g, '')}`;
  response.writeHead(200, { 'Api-Version': '1.45', 'Content-Type': 'application/json' });
  if (asked === 'POST /services/webid/update') {
    const { ContainerSpec } = JSON.parse((await request.toArray()).join('')).TaskTemplate;
    console.log(`  sent: ${ContainerSpec.Image.slice(0, 20)}...`);
  }
  response.end(JSON.stringify(answers[asked] ?? {}));
});
engine.listen('engine.sock', () => {
  const docker = spawn('usr/bin/docker', process.argv.slice(2), { stdio: ['ignore', 'ignore', 'inherit'] });
  docker.on('exit', (code) => {
    console.log(`  docker's exit code: ${code}`);
    process.exit();
  });
});
JS
export DOCKER_HOST=unix://engine.sock DOCKER_CONFIG=$work
for when in always changed never; do
  echo "--resolve-image $when"
  node engine.mjs stack deploy --detach=true --resolve-image $when -c app.yml app
  rm -f engine.sock
done >seen

cat seen
sed -n 's/^# | \{0,1\}//p' "$self" | diff - seen || { echo "This has changed (<: header, >: now)." >&2; exit 1; }
