import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * For each folder of src/: the other folders and files that it may import (docs/architecture.md). Imports point in one
 * direction, from cli.ts to values/. A unit test checks that there are no circular imports.
 */
const MAY_IMPORT = {
  values: [],
  api: [],
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
  drain: [
    'api',
    'command-line',
    'deploy',
    'engine',
    'render',
    'rollout',
    'scheduler',
    'service-spec',
    'values',
    'errors',
  ],
  stack: ['api', 'command-line', 'deploy', 'engine', 'rollout', 'service-spec', 'values', 'errors'],
  deploy: [
    'api',
    'command-line',
    'connection',
    'engine',
    'generations',
    'render',
    'rollout',
    'scheduler',
    'service-spec',
    'values',
    'errors',
    'watch',
    'within',
    'world',
  ],
};
const noDockerode = { regex: '^docker(ode|-modem)', message: 'Only src/engine may import dockerode.' };

const layers = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^\\.\\./(?!(${allowed.join('|') || '-'})(/|\\.ts))`,
            message: `${folder}/ may import ${allowed.join(', ') || 'no other folder'} (docs/architecture.md).`,
          },
          ...(folder === 'engine' ? [] : [noDockerode]),
        ],
      },
    ],
  },
}));

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
