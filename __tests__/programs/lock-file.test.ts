/** package-lock.json: `npm ci` must accept it on every platform, not only on the platform that generated it. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

interface Entry {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const ROOT = join(import.meta.dirname, '../..');
const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Entry>;
};

/** Whether the package is in a node_modules folder that Node searches from `path`: the one in it, or one above it. */
function isFound(name: string, path: string): boolean {
  if (packages[join(path, 'node_modules', name)] !== undefined) return true;
  if (path === '') return false;
  return isFound(name, path.slice(0, Math.max(0, path.lastIndexOf('node_modules/') - 1)));
}

test('every dependency of a package, for every platform, has an entry', () => {
  const missing = Object.entries(packages).flatMap(([path, entry]) => {
    const needed = { ...entry.dependencies, ...entry.devDependencies, ...entry.optionalDependencies };
    const names = Object.keys(needed).filter((name) => !isFound(name, path));
    return names.map((name) => `${name}, needed by ${path || 'package.json'}`);
  });
  expect(missing).toEqual([]);
  expect(Object.keys(packages)).toContain('node_modules/@esbuild/darwin-arm64');
});

test('npm ci accepts the file and needs no network', () => {
  const folder = mkdtempSync(join(tmpdir(), 'swarmroll-'));
  try {
    for (const file of ['package.json', 'package-lock.json'])
      copyFileSync(join(ROOT, file), join(folder, file));
    const words = ['ci', '--dry-run', '--ignore-scripts', '--offline', '--loglevel=error'];
    // npm looks for its own newest version even if it is offline.
    const env = { npm_config_cache: join(folder, 'cache'), npm_config_update_notifier: 'false' };
    const { status, stderr } = spawnSync('npm', words, {
      cwd: folder,
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
