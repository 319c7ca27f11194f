# shellcheck shell=bash
# Programs that the tests run on this machine: the client's side of TLS and ssh, a host to get to by ssh, strace, which
# lists the connections of a process, a browser for the HTML report, fish for completion, curl for the action, and Docker Compose in
# two versions.
# Sourced by scripts/swarm.

# ensure_programs [PACKAGE...]: and these packages.
ensure_programs() {
  local missing=() package
  command -v sshd >/dev/null || missing+=(openssh-server)
  command -v ssh >/dev/null || missing+=(openssh-client)
  command -v openssl >/dev/null || missing+=(openssl)
  command -v strace >/dev/null || missing+=(strace)
  command -v fish >/dev/null || missing+=(fish)
  command -v curl >/dev/null || missing+=(curl ca-certificates)
  # Without a font, no text has a width.
  command -v chromium >/dev/null || missing+=(chromium fonts-dejavu-core)
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
  local suite folder
  for suite in trixie forky; do
    folder=$state_home/compose/$suite/cli-plugins
    if [ -x "$folder/docker-compose" ]; then continue; fi
    install_mmdebstrap
    say "getting Docker Compose of Debian $suite"
    rm -rf "$folder.new"
    mkdir -p "$folder.new"
    # tar ends at the end of the archive, which some zeros follow.
    if ! debian_system "$suite" docker-compose --variant=extract |
      { tar -x -C "$folder.new" --strip-components=5 ./usr/libexec/docker/cli-plugins/docker-compose && cat >/dev/null; }; then
      log_tail
      die "could not get docker-compose of Debian $suite from $(debian_mirror)" "see $log"
    fi
    rm -rf "$folder"
    mv "$folder.new" "$folder"
  done
}
