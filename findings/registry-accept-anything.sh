#!/usr/bin/env bash
# Version:   docker-registry 2.8.3 (Debian 13, amd64).
# Guess:     A manifest asked for with `Accept: */*`, as curl and most HTTP clients do, comes as it was pushed.
# Behaviour: The registry makes a manifest of schema 1 of it while it answers: another media type and another digest, although
#            the client takes anything. Only a client that names the pushed media type gets what was pushed.
# Output:
# | Accept: application/vnd.docker.distribution.manifest.v2+json -> application/vnd.docker.distribution.manifest.v2+json, the same digest
# | Accept: */* -> application/vnd.docker.distribution.manifest.v1+prettyjws, another digest
set -euo pipefail
self=$(realpath "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
debian() { # PATH SHA256: downloads a package of Debian and unpacks it here
  /usr/lib/apt/apt-helper -o APT::Sandbox::User=root download-file "http://deb.debian.org/debian/pool/main/$1" package.deb "SHA256:$2" >&2
  dpkg -x package.deb .
}
debian 'd/docker-registry/docker-registry_2.8.3+ds1-2+b8_amd64.deb' f0577a2581fbf090716d8bd57f14d0b25a25eba6c87c3a8c252ddbf1a6bd0470

cat >registry.yml <<YAML
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $work/images}}
http: {net: unix, addr: $work/registry.sock}
YAML
usr/bin/docker-registry serve registry.yml >registry.log 2>&1 &
trap 'kill $!; rm -rf "$work"' EXIT
ask() { curl --silent --unix-socket registry.sock --retry 20 --retry-all-errors --retry-delay 1 "$@"; }
digest() { echo "sha256:$(sha256sum "$1" | cut -d ' ' -f 1)"; }
push() { # FILE: uploads a blob
  local place
  place=$(ask --include -X POST http://registry/v2/app/blobs/uploads/ | tr -d '\r' | sed -n 's/^Location: //p')
  ask -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$1" "$place&digest=$(digest "$1")"
}
type=application/vnd.docker.distribution.manifest.v2+json
printf layer >layer
cat >config.json <<JSON
{"architecture":"amd64","os":"linux","config":{},"history":[{"created_by":"test"}],"rootfs":{"type":"layers","diff_ids":["$(digest layer)"]}}
JSON
push layer
push config.json
cat >manifest.json <<JSON
{
  "schemaVersion": 2,
  "mediaType": "$type",
  "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": $(wc -c <config.json), "digest": "$(digest config.json)"},
  "layers": [{"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": 5, "digest": "$(digest layer)"}]
}
JSON
ask -X PUT -H "Content-Type: $type" --data-binary @manifest.json http://registry/v2/app/manifests/1
for accept in "$type" '*/*'; do
  got=$(ask -o answer.json -w '%{content_type} %header{docker-content-digest}' -H "Accept: $accept" http://registry/v2/app/manifests/1)
  if [ "${got#* }" = "$(digest manifest.json)" ]; then digest='the same digest'; else digest='another digest'; fi
  echo "Accept: $accept -> ${got% *}, $digest"
done >seen

cat seen
sed -n 's/^# | \{0,1\}//p' "$self" | diff - seen || { echo "This has changed (<: header, >: now)." >&2; exit 1; }
