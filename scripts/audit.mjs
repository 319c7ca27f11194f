/**
 * Asks npm which packages of package-lock.json have known vulnerabilities (`npm audit`). A vulnerability in a released package ends
 * this with 1, and so does a missing answer of npm. One in a package that only builds or tests is printed. It needs dist/.
 * usage: node scripts/audit.mjs
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** What npm prints. It exits with 1 for findings too. */
function ask() {
  const { stdout, stderr } = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8' });
  try {
    const { vulnerabilities, error, message } = JSON.parse(stdout);
    if (vulnerabilities !== undefined) return Object.values(vulnerabilities);
    throw new Error(message ?? error?.summary ?? 'its answer has no list');
  } catch (error) {
    console.error(`audit: npm audit has no answer: ${error.message}\n${stderr?.trim() ?? 'npm did not run'}`);
    process.exit(1);
  }
}

const found = ask();
const { packages } = readJson('package-lock.json');
const released = new Set(readJson('dist/swarmroll-executables.cdx.json').components.map(({ purl }) => purl));
const isReleased = (node) => {
  const name = node.replace(/^.*node_modules\//, '');
  return released.has(`pkg:npm/${name.replace('@', '%40')}@${packages[node]?.version}`);
};

/** What is known of a vulnerability: its own advisories, or the package through which it comes. */
const reasons = ({ via }) =>
  via.map((one) => (one.title === undefined ? one : `${one.title}, ${one.url}`)).join('; ');

for (const one of found) {
  const use = one.nodes.some(isReleased) ? 'is in what is released' : 'only builds and tests';
  console.error(`audit: ${one.name} (${one.severity}) ${use}: ${reasons(one)}`);
}
if (found.some(({ nodes }) => nodes.some(isReleased))) {
  console.error('audit: update these packages, run the tests again, then release');
  process.exit(1);
}
