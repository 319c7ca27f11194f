# shellcheck shell=bash
# Programs that the tests run on this machine: the client's side of TLS and ssh, a host to get to by ssh, and strace, which
# lists the connections of a process. And Docker Compose, in two versions. Sourced by scripts/swarm.

# ensure_programs [PACKAGE...]: and these packages.
ensure_programs() {
  local missing=() package
  command -v sshd >/dev/null || missing+=(openssh-server)
  command -v ssh >/dev/null || missing+=(openssh-client)
  command -v openssl >/dev/null || missing+=(openssl)
  command -v strace >/dev/null || missing+=(strace)
  for package; do
    [ "$(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  if [ ${#missing[@]} = 0 ]; then return; fi
  install "${missing[@]}"
  # Under systemd the package lets the whole network in, now and at every boot: nobody asked for that.
  if [[ " ${missing[*]} " == *" openssh-server "* ]] && [ -d /run/systemd/system ]; then
    quietly systemctl disable --now ssh.socket ssh.service || true
  fi
}

# ensure_composes: Docker Compose of Debian trixie (2.26) and of testing, each in a folder that DOCKER_CONFIG can name.
ensure_composes() {
  local suite folder root mirror options
  for suite in trixie forky; do
    folder=$state_home/compose/$suite/cli-plugins
    if [ -x "$folder/docker-compose" ]; then continue; fi
    debootstrap_options
    say "getting Docker Compose of Debian $suite"
    root=$(mktemp -d)
    chmod 755 "$root"
    if ! quietly mmdebstrap --variant=extract --aptopt="$options" --include=docker-compose "$suite" "$root" "$mirror"; then
      rm -rf --one-file-system "$root" "$options"
      log_tail
      die "could not get docker-compose of Debian $suite from $mirror" "see $log"
    fi
    mkdir -p "$folder"
    mv "$root/usr/libexec/docker/cli-plugins/docker-compose" "$folder/"
    rm -rf --one-file-system "$root" "$options"
  done
}
