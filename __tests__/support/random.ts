/** How the tests with generated inputs draw them. */

/**
 * The same inputs at every run, so that a failure can be had again. SWARMROLL_TEST_SEED gives another seed, which tries
 * other inputs.
 */
const SEED = Number(process.env['SWARMROLL_TEST_SEED'] ?? 862_870);

/** For a test's name: how to draw the same inputs again. */
export const SEEDED = `(SWARMROLL_TEST_SEED=${SEED})`;

/** How many times as many runs as in a quick check: `npm test` sets it. */
export const TIMES = Number(process.env['SWARMROLL_TEST_RUNS'] ?? 1);

/** fast-check's settings for so many runs in a quick check. */
export const runs = (count: number) => ({ numRuns: count * TIMES, seed: SEED });
