import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Which folders of src a folder must not import: arrows point from the process inwards (docs/architecture.md). */
const layer = (folder, forbidden, message) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      { patterns: [{ regex: `^\\.\\./(${forbidden})(/|\\.ts)`, message }, noDockerode] },
    ],
  },
});
const noDockerode = { regex: '^docker(ode|-modem)', message: 'Only src/engine talks to dockerode.' };
const edge = 'cli|main|commands|watch';

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
  { files: ['**/*.js', '**/*.mjs', '**/*.cjs'], extends: [tseslint.configs.disableTypeChecked] },
  {
    files: ['scripts/**/*.mjs', 'scripts/**/*.cjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'require',
          'module',
          'exports',
          '__dirname',
          'process',
          'URL',
          'setTimeout',
          'performance',
          'console',
        ].map((name) => [name, 'readonly']),
      ),
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/cli.ts'],
    rules: {
      'no-console': 'error',
      'no-restricted-globals': [
        'error',
        { name: 'process', message: 'The process is touched in cli.ts only.' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time is passed in (World.clock).' },
      ],
    },
  },
  layer('values', `${edge}|spec|engine|render|rollout|template`, 'values/ are leaves.'),
  layer('template', `${edge}|spec|engine|render|rollout`, 'template/ knows only values/.'),
  layer('rollout', `${edge}|spec|engine|render`, 'rollout/ is pure: it knows only values/.'),
  layer('render', `${edge}|spec|engine`, 'render/ is fed by view models.'),
  layer('spec', `${edge}|engine/(?!wire)|render|rollout`, 'spec/ knows values/ and the wire types.'),
  {
    files: ['src/engine/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: `^\\.\\./(${edge}|spec|render)(/|\\.ts)`, message: 'engine/ serves the commands.' },
          ],
        },
      ],
    },
  },
  {
    files: ['src/rollout/**/*.ts', 'src/values/**/*.ts', 'src/spec/**/*.ts', 'src/template/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['process', 'setTimeout', 'setInterval', 'performance', 'console'].map((name) => ({
          name,
          message: 'Pure code.',
        })),
      ],
    },
  },
);
