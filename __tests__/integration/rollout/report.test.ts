/** --report and a runner of GitHub, on the real swarm. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { Result } from '../../../src/rollout/result.ts';
import { violations } from '../../support/schema.ts';
import { image, said, startSwarmroll, storedService, swarmroll } from '../support/swarm.ts';
import { BRISK, PATIENT, QUICK, expectCode, given } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'swarmroll-report-'));
afterAll(() => rmSync(folder, { recursive: true }));
const written = (file: string): string => readFileSync(join(folder, file), 'utf8');

const ping = image('ping', '1.0');
const crash = image('crash', '1.0');

test('a failed update: the same in each form, in the annotation and in the job summary', async () => {
  const name = await given('report', ...QUICK, '--replicas', '3', ping);
  const update = (report: string): readonly string[] => [
    ...['update', ...PATIENT, '--update-failure-action', 'pause', '--force', '--image', crash],
    ...['--env-add', `PASSWORD=hunter2-${report}`, '--report', join(folder, report), name],
  ];
  const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(folder, 'summary.md') };
  const first = await swarmroll(update('report.json'), { env });
  expectCode(first, 4);
  expect(first.stdout).toBe(`${name}\n`);
  const result = JSON.parse(written('report.json')) as Result;
  expect(violations('report', result)).toEqual([]);
  const [failure] = result.failures ?? [];
  const tasks = result.timeline?.slots.flatMap((slot) => slot.tasks) ?? [];
  const { TaskTemplate } = (await storedService(name)).Spec;
  expect(result.image?.stored).toBe(TaskTemplate.ContainerSpec?.Image);
  expect(tasks.find(({ failed }) => failed === true)).toMatchObject({
    task: failure?.task,
    spec: 'new',
    end: 'failed',
  });
  expect(tasks.find(({ spec }) => spec === 'before')?.running).toBe(result.timeline?.from);
  const annotation = first.stderr.split('\n').filter((line) => line.startsWith('::'));
  expect(annotation).toEqual([
    expect.stringMatching(
      /^::error title=swarmroll update%3A .* paused::.*%0A.*task: non-zero exit \(3\)%0A\| crash: cannot open \/etc\/crash\.conf$/,
    ),
  ]);
  const summary = written('summary.md');

  expectCode(await swarmroll(update('report.html')), 4);
  for (const part of [
    failure?.error ?? '',
    'crash: cannot open /etc/crash.conf',
    'env PASSWORD',
    'swarmroll ',
  ])
    for (const text of [summary, written('report.html')]) expect(text).toContain(part);
  expect(summary).toContain(failure?.task);
  for (const file of readdirSync(folder)) expect(written(file)).not.toContain('hunter2');
});

test('after SIGINT: the file is there, whole, before the process ends', async () => {
  const name = await given('interrupted', ...BRISK, '--update-monitor', '1s', ping);
  const hangs = ['--health-cmd', 'sleep 600', '--health-timeout', '10m', '--health-interval', '1s'];
  const report = join(folder, 'interrupted.json');
  const rollout = startSwarmroll(['update', ...hangs, '--report', report, name]);
  await said(rollout, /: starting/);
  rollout.child.kill('SIGINT');
  expectCode(await rollout.ended, 130);
  const result = JSON.parse(written('interrupted.json')) as Result;
  expect(violations('report', result)).toEqual([]);
  expect(result).toMatchObject({ verdict: 'interrupted', exitCode: 130, service: { name } });
  expect(readdirSync(folder).filter((file) => file.startsWith('.'))).toEqual([]);
});
