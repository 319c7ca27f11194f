/** Parts of scripts/testbed that decide before a swarm starts, with stand-ins for docker, iptables and df on the PATH. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const TESTBED = join(import.meta.dirname, '../../scripts/testbed');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swarmroll-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(name: string, script: string): void {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

/** Runs a line of bash with the functions of scripts/testbed, and with those of scripts/swarm that they call. */
function shell(line: string): { status: number | null; stdout: string; stderr: string } {
  const prelude = `
    say() { echo "swarm: $*" >&2; }
    die() { say "$1"; say "$2"; exit 1; }
    quietly() { "$@" >>"$log" 2>&1; }
    checksum() { cksum | awk '{printf "%08x\\n", $1}'; }
    id() { echo 0; }
    log=${folder}/log project=swarmroll-0a1b2c3d-285 generation=28.5 version=28.5 home=${folder}/home outer=unix:///outer.sock
    for part in firewall preflight; do source "${TESTBED}/$part.sh"; done`;
  const env = { PATH: `${folder}:/usr/bin:/bin` };
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['--norc', '-euo', 'pipefail', '-c', `${prelude}\n${line}`],
    {
      env,
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}

/** A line of /proc/net/route. */
const route = (to: string, mask: string): string =>
  `eth0\t${to}\t00000000\t0001\t0\t0\t0\t${mask}\t0\t0\t0   `;

describe('subnets', () => {
  test('are read from the routes, without those that are wider than our range', () => {
    const routes = [
      'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
      route('00000000', '00000000'),
      route('000012C6', '0000FEFF'),
      route('000011AC', '0000FFFF'),
      route('001D13C6', '00FFFFFF'),
      route('0A1E13C6', 'FFFFFFFF'),
    ];
    writeFileSync(join(folder, 'route'), `${routes.join('\n')}\n`);
    const { stdout } = shell(`routed_subnets <${folder}/route`);
    expect(stdout).toBe('172.17.0.0/16\n198.19.29.0/24\n198.19.30.10/32\n');
  });

  test.each([
    ['', true],
    ['172.17.0.0/16', true],
    ['198.19.29.0/24', false],
    ['198.19.28.0/24\nfd00::/64\n198.19.30.0/24', true],
    ['fd00::/64\n198.19.29.128/25', false],
    ['198.19.0.0/16', false],
    ['198.18.0.0/15', false],
    ['198.19.28.0/23', false],
    ['198.19.30.0/23', true],
  ])('198.19.29.0/24 beside %j is free: %j', (subnets, free) => {
    expect(shell(`subnet_is_free 198.19.29 '${subnets}'`).status).toBe(free ? 0 : 1);
  });

  test('the only free one is found, and none is one line and what to do', () => {
    const below = ['0.0/18', '64.0/21', '72.0/22', '76.0/24'];
    const above = ['78.0/23', '80.0/20', '96.0/19', '128.0/17'];
    const taken = [...below, ...above].map((subnet) => `198.19.${subnet}`).join('\n');
    expect(shell(`port_is_free() { :; }; choose_addresses 0 '${taken}'; echo "$net"`).stdout).toBe(
      '198.19.77\n',
    );
    const { status, stderr } = shell("choose_addresses 0 '198.19.0.0/16'");
    expect(status).toBe(1);
    expect(stderr).toBe(
      'swarm: no subnet of 198.19.0.0/16 is free\n' +
        'swarm: free one (ip route, docker --host unix:///outer.sock network ls); scripts/swarm prune removes swarms of clones that are gone\n',
    );
  });

  test('no free port ends too', () => {
    const { status, stderr } = shell(`port_is_free() { false; }; choose_addresses 0 ''`);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr:
        'swarm: no two ports between 20000 and 32000 are free\nswarm: end what listens there: ss -ltn\n',
    });
  });
});

describe('disk space', () => {
  beforeEach(() => {
    mkdirSync(join(folder, 'home'));
    program(
      'df',
      `[ "$*" = "-Pk ${folder}/home" ] && echo Filesystem && echo "/dev/vda1 9999999 9 1228800 1% /"`,
    );
  });

  test('less than a new node image needs is one line and what to do', () => {
    const { status, stderr } = shell('has_image() { false; }; require_space_for_nodes');
    expect(status).toBe(1);
    expect(stderr).toBe(
      `swarm: only 1200 MB are free in ${folder}/home, and the swarm needs 2000 MB\n` +
        'swarm: free some, or choose another disk: SWARMROLL_TESTBED_HOME=/some/folder scripts/swarm up (as root)\n',
    );
  });

  test('a swarm whose image is there needs less', () => {
    expect(shell('has_image() { [ "$1" = swarmroll-testbed/node:28.5 ]; }; require_space_for_nodes')).toEqual(
      {
        status: 0,
        stdout: '',
        stderr: '',
      },
    );
  });
});

test('swarms of clones that are gone are told, others are not', () => {
  const here = join(folder, 'a clone');
  mkdirSync(here);
  writeFileSync(join(here, 'docker-compose.test.yml'), '');
  const containers = [
    'swarmroll-11111111-285 /gone/clone one',
    'swarmroll-11111111-285 /gone/clone one',
    `swarmroll-22222222-2010 ${here}`,
    'someone-elses /gone/too',
    ' ',
  ];
  program('docker', `cat <<'END'\n${containers.join('\n')}\nEND`);
  expect(shell('tell_abandoned')).toEqual({
    status: 0,
    stdout: '',
    stderr:
      'swarm: a swarm of /gone/clone one, which is gone, still takes memory and addresses: scripts/swarm prune removes it\n',
  });
});

describe('the firewall', () => {
  const OWN =
    '-A FORWARD -s 198.19.7.0/24 -d 198.19.7.0/24 -m comment --comment swarmroll-0a1b2c3d-285 -j ACCEPT';
  const OTHERS = [
    '-A FORWARD -j DOCKER-USER',
    '-A FORWARD -s 198.19.8.0/24 -d 198.19.8.0/24 -m comment --comment swarmroll-0a1b2c3d-2010 -j ACCEPT',
  ];
  const rules = (): string[] => readFileSync(join(folder, 'rules'), 'utf8').trim().split('\n');

  // Keeps the rules of FORWARD in a file, and writes them as iptables does.
  beforeEach(() => {
    writeFileSync(join(folder, 'rules'), `${['-P FORWARD DROP', ...OTHERS].join('\n')}\n`);
    program(
      'iptables-nft',
      `cd "\${0%/*}"; shift 2; verb=$1; shift
      rule=$(echo "-A $*" | sed 's/--source/-s/; s/--destination/-d/; s/--match/-m/; s/--jump/-j/')
      case $verb in
      --check) grep -qxF -e "$rule" rules ;;
      --insert) sed -i.old "1a\\\\
$rule" rules ;;
      --list-rules) cat rules ;;
      -D) grep -vxF -e "$rule" rules >left; mv left rules ;;
      esac`,
    );
  });

  test("lets the swarm's own subnet through, once, and first of all", () => {
    expect(shell('net=198.19.7; open_firewall; open_firewall')).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
    expect(rules()).toEqual(['-P FORWARD DROP', OWN, ...OTHERS]);
  });

  test('is left as it was when the swarm is removed', () => {
    shell('net=198.19.7; open_firewall');
    expect(shell('close_firewall')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(rules()).toEqual(['-P FORWARD DROP', ...OTHERS]);
    expect(shell('close_firewall').status).toBe(0);
  });

  test("of an engine that is not ours is that engine's business", () => {
    shell("home=''; net=198.19.7; open_firewall");
    expect(rules()).toEqual(['-P FORWARD DROP', ...OTHERS]);
  });

  test('rules of the old kind count only where they are in use', () => {
    program('iptables-legacy', '');
    writeFileSync(join(folder, 'unused'), 'nat\n');
    writeFileSync(join(folder, 'used'), 'nat\nfilter\n');
    expect(shell(`legacy_tables=${folder}/unused; firewalls`).stdout).toBe('iptables-nft\n');
    expect(shell(`legacy_tables=${folder}/used; firewalls`).stdout).toBe('iptables-nft\niptables-legacy\n');
    expect(shell(`legacy_tables=${folder}/none; firewalls`).stdout).toBe('iptables-nft\n');
  });
});
