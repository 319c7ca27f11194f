/**
 * What people install: the .deb in a container of Debian, the .rpm in a folder of its own, the manual pages, the image with docker
 * and ssh, and the Homebrew formula. `scripts/swarm tools --packages` and `scripts/swarm debian` make what this needs.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compose, PING, servicesOf, stackName, verdicts } from '../integration/several/support.ts';
import { ME, sshClient, sshd } from '../integration/connect/sshd.ts';
import { orThrow, run, swarm, swarmroll, uniqueName } from '../integration/support/swarm.ts';
import type { RunOptions } from '../integration/support/swarm.ts';
import { COMMANDS } from '../../src/commands/all.ts';
import { EXECUTABLE, ROOT } from '../support/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'swarmroll-packages-'));
const tag = uniqueName('swarmroll');
let version: string;

/** Runs docker on the engine with the node containers: from there, unlike from the nodes, Debian's packages can be reached. */
const outer = (args: readonly string[], options: RunOptions = {}) =>
  run('docker', ['-H', swarm.outerHost, ...args], { ...options, env: { DOCKER_BUILDKIT: '0' } });
const docker = orThrow((args) => outer(args));
const shell = orThrow(([script = '', ...words]) => run('bash', ['-c', script, 'bash', ...words]));

/** The manual pages of the commands. */
const pages = COMMANDS.filter(({ hidden }) => hidden !== true).map(
  ({ name }) => `swarmroll-${name.replace(' ', '-')}.1.gz`,
);

/** The path of the package with this ending. */
const made = (ending: string, from = 'made'): string =>
  join(folder, from, readdirSync(join(folder, from)).find((file) => file.endsWith(ending)) ?? ending);

beforeAll(async () => {
  version = (await swarmroll(['--version'])).stdout;
  await shell('scripts/packages "$@"', relative(ROOT, EXECUTABLE), process.arch, join(folder, 'made'));
});
beforeAll(async () => {
  const built = ['--build-arg', 'BASE=swarmroll-testbed/debian:13'];
  const executable = ['--build-arg', `EXECUTABLE=${relative(ROOT, EXECUTABLE)}`];
  const dockerfile = ['--file', join(ROOT, 'Dockerfile.docker')];
  await docker(
    'build',
    '--quiet',
    '--network',
    'host',
    ...built,
    ...executable,
    ...dockerfile,
    '--tag',
    tag,
    ROOT,
  );
});
afterAll(async () => {
  await docker('rmi', '--force', tag);
  rmSync(folder, { recursive: true });
});

test('the same executable and commit make the same packages, for each processor', async () => {
  // A short file for the executable: compressing that takes time.
  const epoch = { SOURCE_DATE_EPOCH: '1700000000' };
  const build = orThrow(([cpu = '', into = '']) =>
    run('scripts/packages', ['LICENSE', cpu, join(folder, into)], { env: epoch }),
  );
  for (const [cpu, deb, rpm] of [
    ['x64', 'amd64', 'x86_64'],
    ['arm64', 'arm64', 'aarch64'],
  ] as const) {
    await build(cpu, `${cpu}-1`);
    await build(cpu, `${cpu}-2`);
    for (const ending of [`_${deb}.deb`, `.${rpm}.rpm`]) {
      expect(readFileSync(made(ending, `${cpu}-1`)).equals(readFileSync(made(ending, `${cpu}-2`)))).toBe(
        true,
      );
    }
    const { stdout } = await shell('dpkg-deb --field "$1" Architecture', made('.deb', `${cpu}-1`));
    expect(stdout).toBe(`${deb}\n`);
    const query = 'rpm --query --package --queryformat "%{ARCH} %{BUILDTIME}" "$1"';
    expect((await shell(query, made('.rpm', `${cpu}-1`))).stdout).toBe(`${rpm} 1700000000`);
  }
});

test('the .deb is installed, runs beside docker, has its pages and completions, and leaves nothing behind', async () => {
  const script = `set -e
    rm -r /usr/local/bin/swarmroll /usr/share/doc/swarmroll
    files() { find / -xdev -path /proc -prune -o -path /var -prune -o -print | sort; }
    files >/tmp/before 2>&1
    dpkg --install /packages/*.deb >/dev/null
    dpkg --verify swarmroll
    swarmroll --version
    docker swarmroll --version
    man -w swarmroll swarmroll-update swarmroll-stack-deploy
    bash -c '. /usr/share/bash-completion/completions/swarmroll; complete -p swarmroll'
    head -n 1 /usr/share/zsh/vendor-completions/_swarmroll /usr/share/fish/vendor_completions.d/swarmroll.fish
    ls /usr/share/doc/swarmroll
    dpkg --remove swarmroll >/dev/null
    files >/tmp/after 2>&1
    diff <(grep -v ^/tmp /tmp/before) <(grep -v ^/tmp /tmp/after)
    dpkg --status swarmroll 2>/dev/null || echo removed`;
  const mount = ['--volume', `${join(folder, 'made')}:/packages:ro`];
  const { code, stdout, stderr } = await outer([
    'run',
    '--rm',
    '--network',
    'none',
    ...mount,
    '--entrypoint',
    'bash',
    tag,
    '-c',
    script,
  ]);
  expect({ code, stderr, stdout }).toEqual({
    code: 0,
    stderr: '',
    stdout: `${version}${version}/usr/share/man/man1/swarmroll.1.gz
/usr/share/man/man1/swarmroll-update.1.gz
/usr/share/man/man1/swarmroll-stack-deploy.1.gz
complete -o default -F _swarmroll swarmroll
==> /usr/share/zsh/vendor-completions/_swarmroll <==
#compdef swarmroll

==> /usr/share/fish/vendor_completions.d/swarmroll.fish <==
function __swarmroll
NOTICE
changelog.Debian.gz
changelog.gz
copyright
removed
`,
  });
});

test('the .rpm is installed, runs beside docker, has its pages and completions, and leaves nothing behind', async () => {
  const root = join(folder, 'root');
  const rpm = orThrow((args) => run('rpm', ['--root', root, '--dbpath', '/var/lib/rpm', ...args]));
  await shell('mkdir "$1"', root);
  // The folder has no glibc: it is that of this machine which the executable finds.
  await rpm('--install', '--nodeps', made('.rpm'));
  await rpm('--verify', '--nodeps', 'swarmroll');
  const program = join(root, 'usr/bin/swarmroll');
  expect((await run(program, ['--version'])).stdout).toBe(version);

  const config = join(folder, 'config');
  const plugins = join(root, 'usr/libexec/docker/cli-plugins');
  await shell(
    'mkdir "$1" && echo "$2" >"$1/config.json"',
    config,
    JSON.stringify({ cliPluginsExtraDirs: [plugins] }),
  );
  expect((await run('docker', ['--config', config, 'swarmroll', '--version'])).stdout).toBe(version);

  const man = join(root, 'usr/share/man');
  expect((await run('man', ['-M', man, '-w', 'swarmroll-update'])).stdout).toBe(
    `${man}/man1/swarmroll-update.1.gz\n`,
  );
  expect(readdirSync(join(man, 'man1')).sort()).toEqual([...pages, 'swarmroll.1.gz'].sort());
  const shells = ['bash-completion/completions/swarmroll', 'fish/vendor_completions.d/swarmroll.fish'];
  for (const file of [
    ...shells,
    'zsh/site-functions/_swarmroll',
    'doc/swarmroll/NOTICE',
    'doc/swarmroll/copyright',
  ]) {
    expect(existsSync(join(root, 'usr/share', file))).toBe(true);
  }

  await rpm('--erase', 'swarmroll');
  const { stdout: left } = await shell('cd "$1" && find usr | sort | tr "\\n" " "', root);
  // Folders of every system, which are not the package's own.
  expect(left).toBe('usr usr/bin usr/libexec usr/share usr/share/doc usr/share/man usr/share/man/man1 ');
});

test('man shows every page without a warning', async () => {
  await shell('dpkg-deb --extract "$1" "$2"', made('.deb'), join(folder, 'tree'));
  const man = join(folder, 'tree/usr/share/man/man1');
  for (const page of [...pages, 'swarmroll.1.gz']) {
    const file = join(man, page);
    expect(await run('mandoc', ['-T', 'lint', '-W', 'warning', file])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    });
    const shown = await run('man', ['--warnings', '--local-file', file], {
      env: { LC_ALL: 'C.UTF-8', MANWIDTH: '80' },
    });
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toContain('EXIT STATUS');
  }
});

test('the packages need the C library and nothing else', async () => {
  const { stdout: deb } = await shell('dpkg-deb --field "$1" Depends Suggests', made('.deb'));
  expect(deb).toBe('Depends: libc6 (>= 2.17)\nSuggests: docker-cli\n');
  const { stdout: rpm } = await shell(
    'rpm --query --package --requires "$1" | grep -v ^rpmlib',
    made('.rpm'),
  );
  expect(rpm).toBe('glibc >= 2.17\n');
  const wanted = execFileSync('objdump', ['-T', EXECUTABLE], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  const versions = [...wanted.matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor));
  expect(Math.max(...versions)).toBeLessThanOrEqual(17);
});

/** `docker run` of the image with docker and ssh, in the network of this machine. */
const inImage = (flags: readonly string[], words: readonly string[], options: RunOptions = {}) =>
  outer(['run', '--rm', '--interactive', '--network', 'host', ...flags, tag, ...words], options);

test('in the image with docker and ssh, stack deploy works', async () => {
  const flags = ['--env', `DOCKER_HOST=${swarm.host}`];
  expect(await inImage(flags, ['--version'])).toMatchObject({ code: 0, stdout: version });
  const stack = stackName('in-image');
  const words = ['stack', 'deploy', '--compose-file', '-', stack];
  const deployed = await inImage(flags, words, { input: compose({ web: [PING] }) });
  expect([deployed.code, verdicts(deployed, stack)]).toEqual([0, { web: 'converged' }]);
  expect((await servicesOf(stack)).map(({ Spec }) => Spec.Name)).toEqual([`${stack}_web`]);
});

test('in that image, stack deploy works over ssh, with the keys of a folder', async () => {
  const client = sshClient(join(folder, 'client'));
  const server = await sshd(join(folder, 'server'), client.publicKey, { DOCKER_HOST: swarm.host });
  try {
    client.know([`[127.0.0.1]:${server.port} ${server.hostKey}`]);
    const keys = join(folder, 'ssh');
    await shell(
      'mkdir "$2" && cp "$1/id" "$2/id_ed25519" && cp "$1/known_hosts" "$2"',
      join(folder, 'client'),
      keys,
    );
    const stack = stackName('by-ssh');
    const host = ['-H', `ssh://${ME}@127.0.0.1:${server.port}`];
    const words = [...host, 'stack', 'deploy', '--compose-file', '-', stack];
    const deployed = await inImage(['--volume', `${keys}:/root/.ssh:ro`], words, {
      input: compose({ web: [PING] }),
    });
    expect([deployed.code, verdicts(deployed, stack)]).toEqual([0, { web: 'converged' }]);
  } finally {
    server.close();
  }
});

test('the image has ssh, a docker that is new enough, and NOTICE', async () => {
  const entry = async (program: string, ...words: readonly string[]) => {
    const ended = await outer(['run', '--rm', '--network', 'none', '--entrypoint', program, tag, ...words]);
    expect(ended.code).toBe(0);
    return ended;
  };
  expect((await entry('ssh', '-V')).stderr).toMatch(/^OpenSSH_/);
  const { stdout } = await entry('docker', '--version');
  expect(Number(/^Docker version (\d+)/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(26);
  const notice = readFileSync(join(ROOT, 'dist/NOTICE'), 'utf8');
  expect((await entry('cat', '/usr/share/doc/swarmroll/NOTICE')).stdout).toBe(notice);
});

test('the Homebrew formula is Ruby, and has the checksum of each executable', async () => {
  const names = ['macos-arm64', 'macos-x64', 'linux-arm64', 'linux-x64'].map((name) => `swarmroll-${name}`);
  const sums = names.map((name, index) => `${String(index).repeat(64)}  ${name}\n`);
  const [file, formula] = [join(folder, 'SHA256SUMS'), join(folder, 'swarmroll.rb')];
  writeFileSync(file, sums.join(''));
  await shell('node scripts/formula.mjs 1.2.3 "$1" https://example.org/files >"$2"', file, formula);
  expect((await run('ruby', ['-wc', formula])).stdout).toBe('Syntax OK\n');
  const text = readFileSync(formula, 'utf8');
  const pairs = [...text.matchAll(/url "(.*)"\n\s+sha256 "(.*)"/g)].map(([, url, sum]) => [url, sum]);
  expect(pairs).toEqual(
    names.map((name, index) => [`https://example.org/files/${name}`, String(index).repeat(64)]),
  );
  expect(text).toContain('not tested');
  writeFileSync(file, sums.slice(1).join(''));
  const { code, stderr } = await run('node', ['scripts/formula.mjs', '1.2.3', file, 'https://example.org']);
  expect(code).not.toBe(0);
  expect(stderr).toContain('has no checksum of swarmroll-macos-arm64');
});
