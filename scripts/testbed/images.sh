#!/bin/sh
# The test images. Runs inside the manager: `sh -s check` succeeds if the registry has them all,
# `sh -s push` makes and pushes those that it lacks. Needs no network: all are made from busybox.
set -eu
mode=$1
registry=registry:5000
work=/tmp/test-images

# image NAME:TAG INSTRUCTION...: the Dockerfile instructions are what tells the images apart; they
# share one layer, so that a node fetches it once.
image() {
  name=$1
  shift
  if wget -q -O - "http://$registry/v2/${name%:*}/tags/list" 2>/dev/null | grep -q "\"${name#*:}\""; then return; fi
  if [ "$mode" = check ]; then
    echo "the registry lacks $name"
    exit 1
  fi
  [ -e $work/root.tar ] || rootfs
  for instruction; do
    set -- "$@" --change "$instruction"
    shift
  done
  docker import "$@" $work/root.tar "$registry/$name" >/dev/null
  echo "$registry/$name" >>$work/push
}

rootfs() {
  rm -rf $work
  mkdir -p $work/root/bin $work/root/etc $work/root/proc $work/root/sys $work/root/dev $work/root/root
  mkdir -m 1777 $work/root/tmp
  cp "$(command -v busybox)" $work/root/bin/busybox
  # Alpine's busybox is dynamic and needs this one file.
  for loader in /lib/ld-musl-*; do
    if [ -e "$loader" ]; then mkdir -p $work/root/lib && cp "$loader" $work/root/lib/; fi
  done
  for applet in $(busybox --list); do [ "$applet" = busybox ] || ln -s busybox "$work/root/bin/$applet"; done
  echo 'root:x:0:0:root:/root:/bin/sh' >$work/root/etc/passwd
  echo 'root:x:0:' >$work/root/etc/group
  tar -C $work/root -cf $work/root.tar .
}

wget() { busybox wget "$@"; }

# A shell that ends at once on SIGTERM: the sleep runs in the background because a trap has to wait
# for what runs in the foreground.
stay='trap "exit 0" TERM INT; while :; do sleep 3600 & wait $!; done'

# Good versions.
image ping:1.0 "CMD echo ping 1.0; $stay"
image ping:1.1 "CMD echo ping 1.1; $stay"
image ping:1.2 "CMD echo ping 1.2; $stay"
# Logs a line and exits 3.
image crash:1.0 'CMD echo "crash: cannot open /etc/crash.conf" >&2; exit 3'
# Runs for 8 seconds, then fails.
image latecrash:1.0 'CMD echo latecrash 1.0; trap "exit 0" TERM; sleep 8 & wait $!; echo "latecrash: lost its database" >&2; exit 1'
# Logs a line and is done.
image oneshot:1.0 'CMD echo oneshot: done'
# Becomes healthy after 3 seconds.
image healthy:1.0 "CMD echo healthy 1.0; (sleep 3; touch /tmp/ready) & $stay" \
  'HEALTHCHECK --interval=1s --timeout=2s --retries=20 CMD test -e /tmp/ready'
# Turns unhealthy after 2 seconds. Swarm then stops it, and takes an exit with 0 for "complete".
image unhealthy:1.0 'CMD echo unhealthy 1.0; trap "exit 143" TERM; sleep 3600 & wait $!' \
  'HEALTHCHECK --interval=1s --timeout=2s --retries=2 CMD echo "cannot reach the queue"; exit 1'

# One after the other: they share their layer, which is sent with the first.
if [ -e $work/push ]; then
  while read -r name; do docker push -q "$name" >/dev/null; done <$work/push
  rm -rf $work
fi
