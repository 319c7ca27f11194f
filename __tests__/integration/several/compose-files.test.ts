/**
 * Compose files of the kinds found in the wild (fixtures/compose), with a real Docker Compose: each is refused by name, or
 * deployed; then plain docker finds in the swarm what a stack file written by hand says.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from '../../support/command.ts';
import { run as runProgram, swarmroll } from '../support/swarm.ts';
import type { RunOptions } from '../support/swarm.ts';
import { NEWER, OLDER, ONESHOT, PING, deployment, servicesOf, stackName } from './support.ts';

if (!existsSync(NEWER))
  throw new Error('there is no Docker Compose for the tests: scripts/swarm tools gets it');

const FIXTURES = join(ROOT, '__tests__/fixtures/compose');
/** Compose 2.26 does not know their keys. */
const NEW = ['label-file'];

const cases = readdirSync(FIXTURES, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

/** The words of a file of a case, or undefined. */
const linesOf = (name: string, file: string): readonly string[] | undefined => {
  const path = join(FIXTURES, name, file);
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : undefined;
};

function caseOf(name: string, compose = NEWER) {
  const [json = '{}'] = linesOf(name, 'env.json') ?? [];
  const own = JSON.parse(json) as Record<string, string>;
  const options: RunOptions = deployment('', { env: { ...own, PING, ONESHOT, DOCKER_CONFIG: compose } });
  const path = (file: string): string => join(FIXTURES, name, file);
  const flags = (linesOf(name, 'flags.txt') ?? []).map((word) => (word.endsWith('.yml') ? path(word) : word));
  const words = (verb: string, stack: string, ...more: readonly string[]) => [
    ...['stack', verb, ...more, '--resolve-image', 'never', stack],
  ];
  return {
    deploy: (stack: string) =>
      swarmroll(
        words('deploy', stack, '--detach', '--compose', '-c', path('compose.yml'), ...flags),
        options,
      ),
    diff: (stack: string) =>
      swarmroll(words('diff', stack, '--compose', '-c', path('compose.yml'), ...flags), options),
    diffByHand: (stack: string, ...more: readonly string[]) =>
      swarmroll(words('diff', stack, ...more, '-c', path('stack.yml')), options),
  };
}

const NOTHING_DIFFERS = { code: 0, stderr: '' };
const isRefused = (name: string): boolean => linesOf(name, 'refused.txt') !== undefined;

test('there are at least 40 files, and two versions of Compose', async () => {
  expect(cases.length).toBeGreaterThanOrEqual(40);
  const versions = await Promise.all(
    [OLDER, NEWER].map((folder) =>
      runProgram(join(folder, 'cli-plugins/docker-compose'), ['version', '--short']),
    ),
  );
  const [older = '', newer = ''] = versions.map(({ stdout }) => stdout.trim());
  expect(older).toMatch(/^2\.26\./);
  expect(newer).not.toBe(older);
});

test.each(cases.filter((name) => !isRefused(name)))(
  '%s is deployed as the file that is written by hand',
  async (name) => {
    const stack = stackName('compose');
    const { deploy, diffByHand } = caseOf(name);
    const { code, stderr } = await deploy(stack);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
    const warnings = stderr.split('\n').filter((line) => line.includes('warning'));
    const [warned] = linesOf(name, 'warned.txt') ?? [];
    expect(warnings).toEqual(warned === undefined ? [] : [expect.stringContaining(warned)]);
    // Plain docker reads the file by hand; Compose reads it, too; an older Compose reads the file of the case.
    const found = [diffByHand(stack), diffByHand(stack, '--compose')];
    if (!NEW.includes(name)) found.push(caseOf(name, OLDER).diff(stack));
    for (const { code: differs, stdout, stderr: errors } of await Promise.all(found)) {
      const told = errors.split('\n').filter((line) => line !== '' && !line.includes('warning'));
      expect({
        code: differs,
        stdout: stdout.replaceAll(/^.*: unchanged(; .*)?\n/gm, ''),
        stderr: told.join('\n'),
      }).toEqual({
        ...NOTHING_DIFFERS,
        stdout: '',
      });
    }
  },
);

test.each(cases.filter(isRefused))('%s is refused by name, and nothing is sent', async (name) => {
  const stack = stackName('compose');
  const { code, stdout, stderr } = await caseOf(name).deploy(stack);
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.any(String) });
  for (const line of linesOf(name, 'refused.txt') ?? []) expect(stderr).toContain(line);
  expect(stderr).toMatch(/; nothing was sent\n$/);
  expect(await servicesOf(stack)).toEqual([]);
});
