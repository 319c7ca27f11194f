/** Rollouts that the engine would go on with for ever, and that will not come to anything: exit 5. */
import { describe, expect, test } from '@jest/globals';
import { image, pullError, storedService, storedTasks, swarmroll } from '../support/swarm.ts';
import { BRISK, FAILING, NOWHERE, QUICK, create, expectReport, given } from './support.ts';

const ping = image('ping', '1.0');
const crash = image('crash', '1.0');
const missing = image('ping', '9.9');

/** However late a poll is, it finds one failure. */
const ONCE = [...FAILING, '--restart-delay', '60s', '--max-failures', '1'];

describe('tasks keep failing', () => {
  test.each([[[]], [['--tty']]])('the last 10 lines of its log are shown: %j', async (flags) => {
    const script = 'n=1; while [ $n -le 12 ]; do echo "line $n"; n=$((n + 1)); done; exit 3';
    const words = [...ONCE, ...flags, ping, 'sh', '-c', script];
    const ended = await create('log', words);
    expect(ended.code).toBe(5);
    const shown = Array.from({ length: 10 }, (_, index) => `    | line ${index + 3}`);
    expect(ended.stderr.split('\n').filter((line) => line.includes('| '))).toEqual(shown);
  });

  test('an image that is missing', async () => {
    const ended = await create('missing', [...FAILING, '--no-resolve-image', '--replicas', '2', missing]);
    expect(ended.code).toBe(5);
    expect(ended.stderr).toMatch(
      new RegExp(`^ {2}[12]/2 task \\w{25} on \\w+ rejected \\(\\d+ times\\): ${pullError(missing)}$`, 'm'),
    );
  });

  test('a task that ends again and again, though with 0', async () => {
    const ended = await create('ends', [...FAILING, image('oneshot', '1.0')]);
    expect(ended.code).toBe(5);
    expectReport(ended, /: task 1\/1 failed \d+ times in a row$/);
    expect(ended.stderr).toMatch(/^ {2}1\/1 task \w{25} on \w+ complete \(\d+ times\)$/m);
    expect(ended.stderr).toContain('    | oneshot: done\n');
  });

  test('the task of a job, which runs for longer than the monitor period each time', async () => {
    const flags = ['--mode', 'replicated-job', '--restart-delay', '500ms', '--max-failures', '2'];
    const ended = await create('late', [...flags, image('latecrash', '1.0')]);
    expect(ended.code).toBe(5);
    expectReport(ended, /: task 1\/1 failed 2 times in a row$/);
  });
});

describe('restarts are used up', () => {
  test('of a job', async () => {
    const flags = ['--mode', 'replicated-job', '--restart-max-attempts', '1', '--max-failures', '0'];
    const ended = await create('job', [...BRISK, ...flags, crash]);
    expect(ended.code).toBe(5);
    expectReport(ended, /failed, and the engine has made no other task since$/);
    const failed = (await storedTasks(ended.name)).filter(({ Status }) => Status.State === 'failed');
    expect(failed).toHaveLength(2);
  });
});

describe('nothing moves for the progress deadline', () => {
  // They start no container: they only wait.
  test.concurrent.each([
    ['constraint', ['--constraint', NOWHERE], 'scheduling constraints not satisfied on 3 nodes'],
    ['memory', ['--reserve-memory', '900GB'], 'insufficient resources on 3 nodes'],
  ])('create: %s', async (stem, flags, reason) => {
    const ended = await create(stem, [...QUICK, ...flags, '--progress-deadline', '8s', ping]);
    expect(ended.code).toBe(5);
    expectReport(ended, /: the new service failed: nothing has moved for \d+s \(0 out of 1 tasks\)$/);
    expect(ended.stderr).toContain(`  1/1 pending: no suitable node (${reason})\n`);
    expect(ended.stderr).toContain('  docker node ls   # ');
  });

  test('update: it stays as it is in the engine', async () => {
    const name = await given('stuck', ...QUICK, '--replicas', '2', ping);
    const flags = ['--constraint-add', NOWHERE, '--progress-deadline', '8s'];
    const ended = await swarmroll(['update', ...flags, name]);
    expect(ended.code).toBe(5);
    expect(ended.stderr).toContain(`  swarmroll rollback ${name}   # `);
    expect((await storedService(name)).UpdateStatus?.State).toBe('updating');
  });
});
