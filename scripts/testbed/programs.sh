# shellcheck shell=bash
# Programs that the tests run on this machine: the client's side of TLS and ssh, a host to get to by ssh, strace, which
# lists the connections of a process, a browser for the HTML report, and curl for the action. Sourced by scripts/swarm.

# ensure_programs [PACKAGE...]: and these packages.
ensure_programs() {
  local missing=() package
  command -v sshd >/dev/null || missing+=(openssh-server)
  command -v ssh >/dev/null || missing+=(openssh-client)
  command -v openssl >/dev/null || missing+=(openssl)
  command -v strace >/dev/null || missing+=(strace)
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
