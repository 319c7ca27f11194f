#!/bin/sh
# The first process of a node container: makes the container fit for an engine, then runs it.
# Its arguments are added to dockerd's. Works in Debian and in docker:dind (Alpine).
set -eu

# Without privileges this is mounted read-only, and the engine sets net.ipv4.ip_forward.
mount -o remount,rw /proc/sys 2>/dev/null || true

# A killed node leaves these behind, and the numbers in them belong to other processes by now.
rm -rf /run/docker.pid /run/docker.sock /run/docker /run/containerd /var/run/docker.pid /var/run/docker.sock

# cgroup v2 in a cgroup namespace of our own: only a group without processes can have controllers
# enabled for its children, so the processes here move one level down (as docker:dind does).
if [ -e /sys/fs/cgroup/cgroup.controllers ] && grep -q '^0::/$' /proc/self/cgroup; then
  mkdir -p /sys/fs/cgroup/init
  while read -r pid; do
    echo "$pid" >/sys/fs/cgroup/init/cgroup.procs 2>/dev/null || true
  done </sys/fs/cgroup/cgroup.procs
  sed 's/ / +/g; s/^/+/' /sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control || true
fi

# Kernels without nftables still have the old tables.
if ! iptables -nL >/dev/null 2>&1 && iptables-legacy -nL >/dev/null 2>&1; then
  mkdir -p /tmp/iptables
  for name in iptables ip6tables; do ln -sf "$(command -v $name-legacy)" /tmp/iptables/$name; done
  PATH=/tmp/iptables:$PATH
fi

# docker-init reaps what the engine's dead children leave: dockerd itself doesn't.
exec docker-init -- dockerd --host=unix:///var/run/docker.sock --insecure-registry=registry:5000 "$@"
