#!/usr/bin/env bash
# Version:   docker-cli 26.1.5 (Debian 13, amd64), and Node 20 for a server that answers as an engine does.
# Guess:     Without a login for the registry, `--with-registry-auth` has nothing to send: no header with credentials goes to
#            the engine.
# Behaviour: docker sends empty credentials, `{}`. An update without the flag asks the engine to keep the stored credentials
#            (registryAuthFrom=spec); with the flag it does not.
# Output:
# | docker service create --detach --no-resolve-image --with-registry-auth registry.example/app:1
# |   POST /services/create, credentials: {}
# |   docker's exit code: 0
# | docker service update --detach --with-registry-auth --label-add a=1 web
# |   POST /services/webid/update?version=7, credentials: {}
# |   docker's exit code: 0
# | docker service update --detach --label-add a=1 web
# |   POST /services/webid/update?registryAuthFrom=spec&version=7, credentials: no header
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

cat >engine.mjs <<'JS'
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';

const Spec = { Name: 'web', TaskTemplate: { ContainerSpec: { Image: 'registry.example/app:1' } }, Mode: { Replicated: {} } };
const answers = {
  'GET /services/web': { ID: 'webid', Version: { Index: 7 }, Spec },
  'POST /services/create': { ID: 'newid' },
};
const engine = createServer((request, response) => {
  const path = request.url.replace(/^\/v[\d.]+/, '');
  if (request.method === 'POST') {
    const auth = request.headers['x-registry-auth'];
    console.log(`  POST ${path}, credentials: ${auth === undefined ? 'no header' : Buffer.from(auth, 'base64')}`);
  }
  response.writeHead(200, { 'Api-Version': '1.45', 'Content-Type': 'application/json' });
  response.end(JSON.stringify(answers[`${request.method} ${path.replace(/\?.*/, '')}`] ?? {}));
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
run() {
  echo "docker service $*"
  node engine.mjs service "$@"
  rm -f engine.sock
}
{
  run create --detach --no-resolve-image --with-registry-auth registry.example/app:1
  run update --detach --with-registry-auth --label-add a=1 web
  run update --detach --label-add a=1 web
} >seen

cat seen
sed -n 's/^# | \{0,1\}//p' "$self" | diff - seen || { echo "This has changed (<: header, >: now)." >&2; exit 1; }
