#!/usr/bin/env bash
# Version:   docker-cli 26.1.5 and docker-compose 2.26.1 (Debian 13, amd64).
# Guess:     A service mounts one config at /a and at /b. A second file that mounts it at /c too adds a third reference.
# Behaviour: For `docker stack config`, two references to one config are the same reference. /c is left, /a and /b are gone
#            without a word. `docker compose config` gives all three.
# Output:
# | docker stack config:
# |       target: /c
# | docker compose config:
# |         target: /a
# |         target: /b
# |         target: /c
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

export DOCKER_CONFIG=$work
cat >base.yml <<'YAML'
services:
  web:
    image: app:1
    configs:
      - {source: settings, target: /a}
      - {source: settings, target: /b}
configs:
  settings: {external: true}
YAML
cat >override.yml <<'YAML'
services:
  web:
    configs:
      - {source: settings, target: /c}
YAML
{
  echo 'docker stack config:'
  usr/bin/docker stack config -c base.yml -c override.yml | grep target
  echo 'docker compose config:'
  usr/libexec/docker/cli-plugins/docker-compose -p app -f base.yml -f override.yml config | grep target
} >seen

cat seen
sed -n 's/^# | \{0,1\}//p' "$self" | diff - seen || { echo "This has changed (<: header, >: now)." >&2; exit 1; }
