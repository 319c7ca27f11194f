import { existsSync } from 'node:fs';
import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * For each folder of src/, and for each file at its top: the folders and files of src/ that it may import
 * (docs/architecture.md). Imports point in one direction, from cli.ts to values/. A unit test checks that there are no
 * circular imports.
 */
const MAY_IMPORT = {
  values: [],
  api: [],
  errors: [],
  clock: [],
  world: ['connection', 'engine', 'rollout', 'clock'],
  output: ['world'],
  'spawn-program': ['world'],
  'go-template': ['values'],
  rollout: ['api', 'values'],
  render: ['rollout', 'values'],
  'command-line': ['connection', 'values', 'clock', 'errors', 'world'],
  'service-spec': ['api', 'command-line', 'go-template', 'rollout', 'values', 'errors'],
  connection: ['values', 'errors'],
  scheduler: ['api', 'rollout', 'service-spec', 'values'],
  engine: ['api', 'connection', 'rollout', 'values', 'clock', 'errors'],
  listing: ['api', 'engine', 'go-template', 'render', 'values', 'errors'],
  generations: ['api', 'engine', 'render', 'rollout', 'service-spec', 'values', 'errors'],
  watch: [
    ...[
      'api',
      'command-line',
      'engine',
      'generations',
      'listing',
      'render',
      'rollout',
      'scheduler',
      'service-spec',
      'values',
    ],
    ...['clock', 'errors', 'world'],
  ],
  send: ['api', 'command-line', 'connection', 'engine', 'service-spec', 'values', 'watch', 'errors', 'world'],
  'dry-run': [
    ...['api', 'command-line', 'engine', 'rollout', 'scheduler', 'send', 'service-spec', 'values', 'watch'],
    'errors',
  ],
  'report-file': ['rollout', 'values', 'watch', 'errors', 'world'],
  undo: [
    ...['api', 'command-line', 'dry-run', 'engine', 'rollout', 'scheduler', 'send', 'service-spec'],
    ...['values', 'watch', 'errors'],
  ],
  deploy: [
    ...['api', 'command-line', 'dry-run', 'engine', 'generations', 'rollout', 'send', 'service-spec', 'undo'],
    ...['values', 'watch', 'errors'],
  ],
  drain: [
    ...['api', 'command-line', 'dry-run', 'engine', 'render', 'rollout', 'scheduler', 'send'],
    ...['service-spec', 'values', 'watch', 'errors'],
  ],
  'held-writes': ['api', 'command-line', 'engine', 'values', 'errors', 'world'],
  compose: ['command-line', 'held-writes', 'values', 'errors', 'world'],
  'stack-plan': ['api', 'engine', 'held-writes', 'service-spec', 'values'],
  stack: [
    ...[
      'api',
      'command-line',
      'compose',
      'deploy',
      'dry-run',
      'engine',
      'held-writes',
      'rollout',
      'send',
      'service-spec',
    ],
    ...['stack-plan', 'undo', 'values', 'watch', 'errors', 'world'],
  ],
  commands: [
    ...[
      'api',
      'command-line',
      'compose',
      'connection',
      'deploy',
      'drain',
      'dry-run',
      'engine',
      'generations',
      'held-writes',
      'listing',
    ],
    ...['render', 'send', 'service-spec', 'stack', 'stack-plan', 'values', 'watch', 'errors', 'world'],
  ],
  'command-world': ['connection', 'send', 'values', 'errors', 'world'],
  main: [
    ...['command-line', 'commands', 'report-file', 'send', 'values', 'watch', 'command-world'],
    ...['errors', 'world'],
  ],
  cli: [
    'clock',
    'command-line',
    'connection',
    'engine',
    'errors',
    'main',
    'output',
    'spawn-program',
    'world',
  ],
};
const noDockerode = { regex: '^docker(ode|-modem)', message: 'Only src/engine may import dockerode.' };

const layers = Object.entries(MAY_IMPORT).map(([place, allowed]) => {
  // A file at the top imports the others as ./NAME, a file in a folder as ../NAME.
  const up = existsSync(`src/${place}.ts`) ? '\\.' : '\\.\\.';
  const regex = `^${up}[/](?!(${allowed.join('|') || '-'})([/]|\\.ts))`;
  const message = `${place} may import ${allowed.join(', ') || 'nothing else of src/'} (docs/architecture.md).`;
  return {
    files: [`src/${place}.ts`, `src/${place}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex, message }, ...(place === 'engine' ? [] : [noDockerode])] },
      ],
      // The rule above does not see import().
      'no-restricted-syntax': ['error', { selector: `ImportExpression[source.value=/${regex}/]`, message }],
    },
  };
});

export default tseslint.config(
  { ignores: ['dist/', 'coverage/'] },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      eqeqeq: 'error',
    },
  },
  { files: ['**/*.js', '**/*.mjs'], extends: [tseslint.configs.disableTypeChecked] },
  {
    files: ['scripts/**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'URL', 'setTimeout', 'performance', 'console'].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/cli.ts'],
    rules: {
      'no-console': 'error',
      'no-restricted-globals': ['error', { name: 'process', message: 'Only cli.ts may use the process.' }],
      'no-restricted-properties': ['error', { object: 'Date', property: 'now', message: 'Use World.clock.' }],
    },
  },
  ...layers,
  {
    files: ['rollout', 'scheduler', 'values', 'service-spec', 'go-template'].map(
      (folder) => `src/${folder}/**/*.ts`,
    ),
    rules: {
      'no-restricted-globals': [
        'error',
        ...['process', 'setTimeout', 'setInterval', 'performance', 'console'].map((name) => ({
          name,
          message: 'The code in this folder is pure: no I/O and no clock.',
        })),
      ],
    },
  },
);
