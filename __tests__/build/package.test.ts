/** The package that `npm pack` makes: it contains what a user needs and nothing else, and a command loads only what it needs. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import type { AnySchema } from 'ajv';
import { ROOT } from '../support/command.ts';

/** The command of the package: the build for Node, also where the tests of the executable run. */
const BIN = join(ROOT, 'dist/cli.js');

const ENGINE = 'client.js';
const DOCKERODE = 'http-dockerode.js';
const ORA = 'in-place.js';
const TABLE = 'table.js';
const SPECS = 'build.js';

const readJson = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

/** The version of the runtime in the executables. */
const { version: BUN = '' } = readJson('node_modules/bun/package.json') as Record<string, string>;

/** A schema of CycloneDX or of what it refers to. */
const schema = (name: string): AnySchema =>
  readJson(`node_modules/@cyclonedx/cyclonedx-library/res/schema/${name}.SNAPSHOT.schema.json`) as AnySchema;

test('the package contains the build, the docs and the licence', () => {
  const listed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT });
  const [{ files }] = JSON.parse(listed.toString()) as [{ files: { path: string }[] }];
  const others = files.map(({ path }) => path).filter((path) => !/^(dist|docs)\//.test(path));
  expect(others.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
  const built = files.map(({ path }) => path).filter((path) => path.startsWith('dist/'));
  expect(built).toContain('dist/cli.js');
  const rest = built.filter((path) => !/\.(js|map)$/.test(path));
  expect(rest.sort()).toEqual(['dist/NOTICE', 'dist/package.json']);
});

/** The npm packages that a file of the build contains. */
function packagesIn(file: string): string[] {
  const { sources } = JSON.parse(readFileSync(join(ROOT, `dist/${file}.map`), 'utf8')) as {
    sources: string[];
  };
  return sources.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
}

test('the build leaves out unused parts of dockerode and puts packages into files of their own', () => {
  expect(packagesIn('cli.js')).toEqual([]);
  const engine = packagesIn(DOCKERODE);
  expect(engine).toContain('dockerode');
  for (const unwanted of ['@grpc/grpc-js', 'protobufjs', 'ssh2', 'tar-fs']) {
    expect(engine).not.toContain(unwanted);
  }
  expect(packagesIn(ORA)).toContain('ora');
  expect(packagesIn(TABLE)).toContain('table');
});

/** "NAME VERSION" of all npm packages of which the source maps say that the build contains code of them. */
function bundled(): string[] {
  const sources = readdirSync(join(ROOT, 'dist'))
    .filter((file) => file.endsWith('.map'))
    .flatMap((file) => (readJson(`dist/${file}`) as { sources: string[] }).sources);
  const folders = sources.flatMap((path) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  // The bundler's own helpers have no source map.
  return [...new Set(folders), '../node_modules/rolldown'].map((folder) => {
    const { name, version } = readJson(`dist/${folder}/package.json`) as Record<string, string>;
    return `${name} ${version}`;
  });
}

test('NOTICE names the packages in the build and nothing else, each with a licence', () => {
  const notice = readFileSync(join(ROOT, 'dist/NOTICE'), 'utf8');
  const named = [...notice.matchAll(/^(\S+ \d+\.\d+\.\d+), \S+$/gm)].map(([, name]) => name);
  expect(named.sort()).toEqual([...new Set(bundled()), `Bun ${BUN}`].sort());
});

interface Sbom {
  components: { type: string; name: string; version: string; group?: string; hashes?: unknown[] }[];
  dependencies: { ref: string; dependsOn?: string[] }[];
}

test.each([
  ['npm', []],
  ['executables', [`bun ${BUN}`]],
])('the SBOM %s is valid, and has the packages in the build and nothing else', (name, more) => {
  const sbom = readJson(`dist/swarmroll-${name}.cdx.json`) as Sbom;
  const ajv = new Ajv({ strict: false, validateFormats: false, logger: false });
  for (const part of ['spdx', 'jsf-0.82'])
    ajv.addSchema(schema(part), `http://cyclonedx.org/schema/${part}.SNAPSHOT.schema.json`);
  const validate = ajv.compile(schema('bom-1.6'));
  expect([validate(sbom), validate.errors]).toEqual([true, null]);
  const named = sbom.components.map(
    ({ group, name, version }) => `${group === undefined ? '' : `${group}/`}${name} ${version}`,
  );
  expect(named.sort()).toEqual([...new Set([...bundled(), ...more])].sort());
  for (const { type, hashes } of sbom.components)
    expect(hashes?.length).toBe(type === 'library' ? 1 : undefined);
  const refs = sbom.dependencies.map(({ ref }) => ref);
  const used = sbom.dependencies.flatMap(({ dependsOn = [] }) => dependsOn);
  // Every package is there because another one, or this project, uses it.
  expect([...new Set(used)].sort()).toEqual(
    [...refs.slice(1), ...more.map((one) => `pkg:npm/${one.replace(' ', '@')}`)].sort(),
  );
});

/** The files of the build that a command line loads. */
function loaded(...args: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'swarmroll-'));
  try {
    const env = { ...process.env, NODE_V8_COVERAGE: folder };
    spawnSync(BIN, ['-H', 'tcp://127.0.0.1:1', ...args], { env });
    const [report = ''] = readdirSync(folder);
    const { result } = JSON.parse(readFileSync(join(folder, report), 'utf8')) as {
      result: { url: string }[];
    };
    return result.map(({ url }) => basename(url));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.each([
  [['--version'], []],
  [['--help'], []],
  [['ps', '--help'], []],
  [['update', '--help'], [SPECS]],
  [['ps', 'web'], [ENGINE]],
  [['ps', '--format', '{{.ID}}', 'web'], [ENGINE]],
  [
    ['ps', '--format', 'table {{.ID}}', 'web'],
    [TABLE, ENGINE],
  ],
  [['rollback', 'web'], [ENGINE]],
])('%j loads what it needs and nothing else', (args, needed) => {
  const modules = loaded(...args);
  expect(modules).toContain('cli.js');
  const watched = [ORA, TABLE, ENGINE, SPECS];
  expect(watched.filter((path) => modules.includes(path))).toEqual(needed);
});

test.each(['unix:///nowhere.sock', 'tcp://localhost:1'])(
  'a connection to %s does not call net.isIP, whose first call takes Node 4 ms',
  (host) => {
    const folder = mkdtempSync(join(tmpdir(), 'swarmroll-'));
    try {
      const hook = join(folder, 'hook.cjs');
      const says = '() => (process._rawDebug("asked"), 0)';
      writeFileSync(hook, `Object.assign(require('node:net'), { isIP: ${says}, isIPv6: ${says} });`);
      const env = { ...process.env, NODE_OPTIONS: `--require "${hook}"` };
      const { stderr } = spawnSync(BIN, ['-H', host, 'ps', 'web'], { env, encoding: 'utf8' });
      expect(stderr).toMatch(/^swarmroll: cannot reach the engine/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

test.each([[['--version']], [['--help']], [['update', '--help']]])(
  '%j creates no stream and no socket',
  (args) => {
    const folder = mkdtempSync(join(tmpdir(), 'swarmroll-'));
    try {
      const hook = join(folder, 'hook.cjs');
      writeFileSync(hook, `process.on('exit', () => process._rawDebug(process.moduleLoadList.join('\\n')));`);
      const env = { ...process.env, NODE_OPTIONS: `--require "${hook}"` };
      const modules = spawnSync(BIN, args, { env, encoding: 'utf8' }).stderr.split('\n');
      expect(modules).toContain('NativeModule fs');
      for (const name of ['stream', 'net', 'tty']) expect(modules).not.toContain(`NativeModule ${name}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
