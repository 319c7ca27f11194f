# shellcheck shell=bash disable=SC2034,SC2154 # the variables are those of scripts/swarm
# The image of the nodes: a Docker Engine of the wanted generation with our entrypoint. Sourced by
# scripts/swarm. It sets `node_image` and `registry_image`. And the image of a Debian without an engine.

debian_suite() {
  case $1 in 28.5) echo forky ;; 26.1) echo trixie ;; 20.10) echo bookworm ;; esac
}

# A pull without a way to Docker Hub can hang for minutes: ask first.
hub_reachable() { timeout 3 bash -c '</dev/tcp/registry-1.docker.io/443' 2>/dev/null; }

has_image() { docker image inspect "$1" >/dev/null 2>&1; }

ensure_images() {
  node_image=swarmroll-testbed/node:$version
  registry_image=swarmroll-testbed/registry:2
  local made_of
  made_of=$({ declare -f node_from_hub node_from_debian; cat "$testbed/node-entrypoint.sh"; } | checksum)
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
  local base=docker:$version-dind container pulled=()
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

# The machine's own mirror and proxy may be the only way out.
debian_mirror() {
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Created-By: Packages' 2>/dev/null |
    grep -m 1 '/debian/*$' || echo http://deb.debian.org/debian
}

# debian_system SUITE PACKAGES [OPTION...]: writes a Debian with these packages to stdout, as a tar; the options are those of mmdebstrap.
debian_system() {
  local suite=$1 packages=$2 mirror options result=0
  shift 2
  mirror=$(debian_mirror)
  # Debian's testing has no fixed end date, and a mirror's snapshot may be past it.
  options=$(mktemp)
  apt-config dump | grep -E '^Acquire::.*(Proxy|Retries|Timeout)' >"$options" || true
  echo 'Acquire::Check-Valid-Until "false"; Acquire::Check-Date "false";' >>"$options"
  # The locks are closed because, with them open, mmdebstrap gets a descriptor of two digits, which
  # its `sh` doesn't understand. It is in a session of its own, because it ends its whole process group if it cannot write all of
  # the tar (kill HUP in mmdebstrap 1.3).
  setsid --wait mmdebstrap --variant=minbase --aptopt="$options" --dpkgopt=force-unsafe-io --include="$packages" "$@" \
    "$suite" - "$mirror" 2>>"$log" 7>&- 8>&- 9>&- || result=$?
  rm -f "$options"
  return $result
}

# In the private engine's folder, what a killed build leaves behind goes with the rest.
own_temporary_folder() {
  if [ -z "$home" ]; then return; fi
  rm -rf --one-file-system "$home/tmp"
  mkdir -m 755 "$home/tmp"
  export TMPDIR=$home/tmp
}

install_mmdebstrap() {
  command -v mmdebstrap >/dev/null || install mmdebstrap
  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || install debian-archive-keyring
}

node_from_debian() {
  local suite image client=''
  suite=$(debian_suite "$version")
  install_mmdebstrap
  say "building the node image from Debian $suite (20 s)"
  # Until Debian 12 the client was in the engine's package.
  if [ "$suite" != bookworm ]; then client=docker-cli,; fi
  own_temporary_folder
  # The name is given at the end: half a pipe makes an image as well.
  if ! image=$(debian_system "$suite" "docker.io,${client}docker-registry,iptables,procps,busybox-static" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook="copy-in $testbed/node-entrypoint.sh /usr/local/bin" |
    docker import --change "$entrypoint" --change "LABEL swarmroll=$made_of" - 2>>"$log"); then
    log_tail
    die "could not build the node image from $(debian_mirror)" \
      "see $log; this needs Docker Hub (docker:$version-dind) or a Debian mirror with the suite $suite"
  fi
  docker tag "$image" "$node_image"
}

# The image in which tests install packages, and on which they build the image with docker and ssh.
debian_image=swarmroll-testbed/debian:13

ensure_debian_image() {
  local made_of image
  made_of=$(declare -f ensure_debian_image debian_system | checksum)
  if [ -n "$home" ]; then lock 9 "$run.lock"; fi
  if [ "$(docker image inspect --format '{{.Config.Labels.swarmroll}}' "$debian_image" 2>/dev/null)" != "$made_of" ]; then
    quietly docker rmi "$debian_image" || true
    install_mmdebstrap
    say "building a Debian image (20 s)"
    own_temporary_folder
    if ! image=$(debian_system trixie man-db | docker import --change "LABEL swarmroll=$made_of" - 2>>"$log"); then
      log_tail
      die "could not build a Debian image from $(debian_mirror)" "see $log; this needs a Debian mirror with the suite trixie"
    fi
    docker tag "$image" "$debian_image"
  fi
  if [ -n "$home" ]; then unlock 9; fi
}
