# shellcheck shell=bash disable=SC2154 # the variables are those of scripts/swarm
# Lets the nodes reach each other where this machine's firewall drops what is forwarded: a Docker Engine that is
# stopped, or that another user runs, leaves the policy of FORWARD at DROP, and the module br_netfilter applies that to
# bridges too. The private engine sets no rules (see run_daemons). Sourced by scripts/swarm.

# The tables of the old kind that this kernel has loaded.
legacy_tables=/proc/net/ip_tables_names

# firewalls: the programs whose rules apply here, by name. Asking the old kind would load its kernel module.
firewalls() {
  local names=()
  if command -v iptables-nft >/dev/null; then names+=(iptables-nft); fi
  if command -v iptables-legacy >/dev/null && grep -qs '^filter$' "$legacy_tables"; then names+=(iptables-legacy); fi
  if [ ${#names[@]} = 0 ] && command -v iptables >/dev/null; then names=(iptables); fi
  if [ ${#names[@]} -gt 0 ]; then printf '%s\n' "${names[@]}"; fi
}

# The one rule of this swarm: from its subnet to its subnet. The comment is how close_firewall finds it again. It is
# set even where nothing is dropped, as an engine that starts later changes the policy.
open_firewall() {
  if [ -z "$home" ]; then return; fi
  local firewall rule=(FORWARD --source "$net.0/24" --destination "$net.0/24" --match comment --comment "$project" --jump ACCEPT)
  for firewall in $(firewalls); do
    if ! "$firewall" --wait 5 --check "${rule[@]}" 2>/dev/null; then
      # Where this fails there may be no firewall at all: join_nodes finds out whether the nodes reach each other.
      quietly "$firewall" --wait 5 --insert "${rule[@]}" || true
    fi
  done
}

close_firewall() {
  if [ "$(id -u)" != 0 ]; then return; fi
  local firewall
  for firewall in $(firewalls); do
    "$firewall" --wait 5 --list-rules FORWARD 2>/dev/null | grep -E -- "--comment \"?$project\"? " | sed 's/^-A/-D/' |
      xargs -r -L 1 "$firewall" --wait 5 >>"$log" 2>&1 || true
  done
}
