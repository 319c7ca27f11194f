/** `npm run bench`: measures every case on the test swarm and prints a table. --write stores it in docs/benchmarks.md. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { arch, cpus, platform, release } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CASES } from './cases.mjs';
import { SOCKET } from './engine.mjs';
import { asMarkdown, asTable } from './report.mjs';
import { ask, clear } from './services.mjs';

const { values } = parseArgs({
  options: { write: { type: 'boolean' }, only: { type: 'string', multiple: true } },
});
const names = values.only ?? Object.keys(CASES);
const unknown = names.find((name) => CASES[name] === undefined);
if (unknown !== undefined) {
  console.error(`bench: unknown case ${unknown}: must be one of ${Object.keys(CASES).join(', ')}`);
  process.exit(2);
}

if (values.write && values.only) {
  console.error('bench: --write and --only cannot be combined');
  process.exit(2);
}

process.env.DOCKER_HOST = `unix://${SOCKET}`;
const rows = [];
await clear();
for (const name of names) {
  console.error(`bench: ${name}`);
  try {
    rows.push(...(await CASES[name]()));
  } finally {
    await clear();
  }
}

const processors = cpus();
const machine = [
  `${processors.length} x ${processors[0]?.model.trim()}, ${platform()} ${release()} ${arch()}`,
  `Node ${process.version}, engine ${(await ask('GET', '/version')).Version}, ${execFileSync('docker', ['--version'], { encoding: 'utf8' }).trim()}`,
];
console.log(`${machine.join('\n')}\n${asTable(rows)}`);

if (values.write) {
  const page = join(import.meta.dirname, '../../docs/benchmarks.md');
  writeFileSync(
    page,
    `# Benchmarks

Written by \`npm run bench -- --write\` on ${new Date().toISOString().slice(0, 10)}. Whole processes, run in turn with what they are
compared with, against the test swarm (three engines in containers on one machine), by its manager's socket; what they print
goes through a pipe. Medians of 30 runs (watching and verdicts: 10, the stack: 2), and the median of the ratios pair by pair.

- ${machine.join('\n- ')}

${asMarkdown(rows)}
`,
  );
}
