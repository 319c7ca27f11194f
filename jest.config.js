import { version } from 'esbuild';

/**
 * unit: pure functions and recorded traces. cli: the command line in process. Neither needs a build. build: the built command
 * and the package, without an engine. programs: what runs other programs, such as the HTML report in chromium, the action and
 * the scripts of this repository. The others run the built executable against a real swarm: parity beside the real docker
 * client, integration, those of its tests in which the builds may differ (smoke), where tasks find a node (placement), nodes
 * that are emptied (drain), the image with the executable (executable), and what takes nodes away (disruption).
 * SWARMROLL_COMMAND chooses the build that they run (support/command.ts).
 */
const base = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  // The version is there for Jest's cache, which goes by this configuration and by the file.
  transform: {
    '^.+\\.ts$': ['<rootDir>/scripts/jest-esbuild.mjs', { version, options: { target: 'node20.19' } }],
  },
};

/** Connections, streams and signals, logs, and one whole walk. */
const SMOKE = ['connect/*', 'faults', 'runtime', 'walk', 'rollout/{created,streams}'];

/** These compare plans with where tasks run: the tasks of other tests would be in their way. */
const PLACEMENT = '/dry-run/(random-)?placements\\.test\\.ts$';

export default {
  // By default Jest leaves one processor unused.
  maxWorkers: '100%',
  // Rollouts on a real swarm take their time; units never come near this.
  testTimeout: 240_000,
  projects: [
    { ...base, displayName: 'unit', testMatch: ['<rootDir>/__tests__/unit/**/*.test.ts'] },
    { ...base, displayName: 'cli', testMatch: ['<rootDir>/__tests__/cli/**/*.test.ts'] },
    { ...base, displayName: 'build', testMatch: ['<rootDir>/__tests__/build/**/*.test.ts'] },
    { ...base, displayName: 'programs', testMatch: ['<rootDir>/__tests__/programs/**/*.test.ts'] },
    { ...base, displayName: 'parity', testMatch: ['<rootDir>/__tests__/parity/**/*.test.ts'] },
    {
      ...base,
      displayName: 'integration',
      testMatch: ['<rootDir>/__tests__/integration/**/*.test.ts'],
      testPathIgnorePatterns: [PLACEMENT],
    },
    {
      ...base,
      displayName: 'placement',
      testMatch: ['<rootDir>/__tests__/integration/dry-run/{,random-}placements.test.ts'],
    },
    {
      ...base,
      displayName: 'smoke',
      testMatch: SMOKE.map((name) => `<rootDir>/__tests__/integration/${name}.test.ts`),
    },
    { ...base, displayName: 'executable', testMatch: ['<rootDir>/__tests__/executable/**/*.test.ts'] },
    { ...base, displayName: 'drain', testMatch: ['<rootDir>/__tests__/drain/**/*.test.ts'] },
    { ...base, displayName: 'disruption', testMatch: ['<rootDir>/__tests__/disruption/**/*.test.ts'] },
  ],
};
