/** A job's task that has failed and may have no successor: over, whatever the engine has yet to write down. */
import { expect, test } from '@jest/globals';
import { rewrite } from '../support/proxy.ts';
import { image } from '../support/swarm.ts';
import { BRISK, FAILING, create, expectCode, expectReport, opened } from './support.ts';

const crash = image('crash', '1.0');
const NEVER = ['--restart-condition', 'none'];

// Of one task each: with more, the engine makes a new one in the place of the first when the second fails (swarmkit
// manager/orchestrator/jobs/replicated/reconciler.go).
const NO_OTHER = /failed, and the engine has made no other task since$/;
test.each([
  ['replicated-job', [...BRISK, '--mode', 'replicated-job'], 'complete', NO_OTHER],
  ['replicated', [...FAILING, '--replicas', '2'], 'running', /ended and will not be restarted$/],
])('%s: the desired state stays as it was', async (_, flags, desired, verdict) => {
  const between = await opened();
  // As the engine may have left it: the orchestrator has not come to the task that failed.
  between.inject(/^GET \/tasks/, rewrite(/"DesiredState":"\w+"/g, `"DesiredState":"${desired}"`));
  const words = [...NEVER, '--progress-deadline', '30s', ...flags, crash];
  const ended = await create('job-ends', words, { env: { DOCKER_HOST: between.host } });
  expectCode(ended, 5);
  expectReport(ended, verdict);
  expect(ended.stderr).toContain('task: non-zero exit (3)\n');
});
