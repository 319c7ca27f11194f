# shellcheck shell=bash disable=SC2034,SC2154 # the variables are those of scripts/swarm
# The image of the nodes: a Docker Engine of the wanted generation with our entrypoint. Sourced by
# scripts/swarm. It sets `node_image` and `registry_image`.

debian_suite() {
  case $1 in 28.5) echo forky ;; 26.1) echo trixie ;; 20.10) echo bookworm ;; esac
}

# A pull without a way to Docker Hub can hang for minutes: ask first.
hub_reachable() { timeout 3 bash -c '</dev/tcp/registry-1.docker.io/443' 2>/dev/null; }

has_image() { docker image inspect "$1" >/dev/null 2>&1; }

ensure_images() {
  node_image=swarmroll-testbed/node:$generation
  registry_image=swarmroll-testbed/registry:2
  local made_of
  made_of=$({ declare -f node_from_hub node_from_debian debootstrap_options; cat "$testbed/node-entrypoint.sh"; } | checksum)
  # Two clones need not make the same image at the same time.
  if [ -n "$home" ]; then lock 9 "$run.lock"; fi
  if [ "$(docker image inspect --format '{{.Config.Labels.swarmroll}}' "$node_image" 2>/dev/null)" != "$made_of" ]; then
    quietly docker rmi "$node_image" || true
    node_from_hub || node_from_debian
  fi
  if [ -n "$home" ]; then unlock 9; fi
  # Debian's node image contains a registry too.
  has_image "$registry_image" || registry_image=$node_image
}

entrypoint='ENTRYPOINT ["/usr/local/bin/node-entrypoint.sh"]'

# from_hub NAME: there, or pulled; a pulled one is noted in `pulled`.
from_hub() {
  if has_image "$1"; then return; fi
  hub_reachable || return 1
  say "pulling $1"
  quietly timeout 60 docker pull "$1" || return 1
  pulled+=("$1")
}

node_from_hub() {
  local base=docker:$generation-dind container pulled=()
  if ! from_hub "$base" || ! from_hub registry:2; then return 1; fi
  container=$(docker create "$base")
  docker cp -q "$testbed/node-entrypoint.sh" "$container:/usr/local/bin/" 2>/dev/null ||
    docker cp "$testbed/node-entrypoint.sh" "$container:/usr/local/bin/"
  quietly docker commit --change "$entrypoint" --change 'CMD []' --change "LABEL swarmroll=$made_of" "$container" "$node_image"
  quietly docker rm -v "$container"
  docker tag registry:2 "$registry_image"
  # Names that were not here before should not stay; the images do, under names of our own.
  if [ ${#pulled[@]} -gt 0 ]; then quietly docker rmi "${pulled[@]}"; fi
}

# debootstrap_options: how mmdebstrap gets packages of Debian. It sets `mirror` and `options`, a file to remove.
debootstrap_options() {
  command -v mmdebstrap >/dev/null || install mmdebstrap
  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || install debian-archive-keyring
  # The machine's own mirror and proxy may be the only way out. Debian's testing has no fixed end date,
  # and a mirror's snapshot may be past it.
  # shellcheck disable=SC2016
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Created-By: Packages' 2>/dev/null |
    grep -m 1 '/debian/*$' || echo http://deb.debian.org/debian)
  options=$(mktemp)
  apt-config dump | grep -E '^Acquire::.*(Proxy|Retries|Timeout)' >"$options" || true
  echo 'Acquire::Check-Valid-Until "false"; Acquire::Check-Date "false";' >>"$options"
}

node_from_debian() {
  local suite mirror options image client=''
  suite=$(debian_suite "$generation")
  debootstrap_options
  say "building the node image from Debian $suite (20 s)"
  # Until Debian 12 the client was in the engine's package.
  if [ "$suite" != bookworm ]; then client=docker-cli,; fi
  # The locks are closed because, with them open, mmdebstrap gets a descriptor of two digits, which
  # its `sh` doesn't understand. The name is given at the end: half a pipe makes an image as well.
  # In the private engine's folder, what a killed build leaves behind goes with the rest.
  if [ -n "$home" ]; then
    rm -rf --one-file-system "$home/tmp"
    mkdir -m 755 "$home/tmp"
    export TMPDIR=$home/tmp
  fi
  if ! image=$(mmdebstrap --variant=minbase --aptopt="$options" --dpkgopt=force-unsafe-io \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --include="docker.io,${client}docker-registry,iptables,procps,busybox-static" \
    --customize-hook="copy-in $testbed/node-entrypoint.sh /usr/local/bin" \
    "$suite" - "$mirror" 2>>"$log" 7>&- 8>&- 9>&- |
    docker import --change "$entrypoint" --change "LABEL swarmroll=$made_of" - 2>>"$log"); then
    rm -f "$options"
    log_tail
    die "could not build the node image from $mirror" \
      "see $log; this needs Docker Hub (docker:$generation-dind) or a Debian mirror with the suite $suite"
  fi
  docker tag "$image" "$node_image"
  rm -f "$options"
}
