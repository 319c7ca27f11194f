#!/usr/bin/env bash
# Version:   docker-cli 26.1.5 (Debian 13, amd64).
# Guess:     `docker stack config -c base.yml -c override.yml` takes each value that the second file sets: `false`, `[]` and
#            `null` win as any other value does.
# Behaviour: The number 0 wins. `false`, `[]` and `null` lose without a word: the service stays read-only and keeps its init,
#            its command and its variable. An override can switch on, and it cannot switch off.
# Output:
# | version: "3.12"
# | services:
# |   web:
# |     command:
# |     - serve
# |     deploy:
# |       replicas: 0
# |     environment:
# |       DEBUG: "1"
# |     image: app:1
# |     init: true
# |     read_only: true
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

export DOCKER_CONFIG=$work
cat >base.yml <<'YAML'
services:
  web:
    image: app:1
    command: [serve]
    environment: {DEBUG: '1'}
    init: true
    read_only: true
    deploy: {replicas: 3}
YAML
cat >override.yml <<'YAML'
services:
  web:
    command: []
    environment: {DEBUG: null}
    init: false
    read_only: false
    deploy: {replicas: 0}
YAML
usr/bin/docker stack config -c base.yml -c override.yml >seen

cat seen
sed -n 's/^# | \{0,1\}//p' "$self" | diff - seen || { echo "This has changed (<: header, >: now)." >&2; exit 1; }
