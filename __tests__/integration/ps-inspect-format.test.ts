/** ps and inspect, compared with the real docker client on services with old tasks: the same text and exit code. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { NAMES, makeHistory, removeHistory } from './support/history.ts';
import { docker, storedService, swarmroll, uniqueName } from './support/swarm.ts';
import type { Ended } from './support/swarm.ts';

beforeAll(makeHistory);
afterAll(removeHistory);

/** Replaces placeholders in an argument: `{updated}` becomes the name of that service. */
const worded = (words: readonly string[]): string[] =>
  words.map((word) =>
    word.replace(/\{(\w+)\}/g, (whole, key: string) =>
      key in NAMES ? NAMES[key as keyof typeof NAMES] : whole,
    ),
  );

/** Runs both at the same time. */
async function both(words: readonly string[]): Promise<readonly [theirs: Ended, ours: Ended]> {
  const line = worded(words);
  return Promise.all([docker(['service', ...line]), swarmroll(line)]);
}

/** The text without ages and without repeated spaces: the two commands may run in different seconds. */
function timeless(text: string): string {
  return text
    .replace(/(?:less than a second|about a minute|\d+ (?:second|minute)s?) ago/gi, 'N ago')
    .replace(/ {3,}/g, '   ');
}

async function expectSame(words: readonly string[]): Promise<void> {
  const [theirs, ours] = await both(words);
  if (ours.stdout !== theirs.stdout) expect(timeless(ours.stdout)).toBe(timeless(theirs.stdout));
  expect(ours.code).toBe(theirs.code);
  if (theirs.code === 0) expect(ours.stderr).toBe('');
}

const ALL = [
  '{updated}',
  '{crashed}',
  '{global}',
  '{job}',
  '{globalJob}',
  '{healthy}',
  '{pending}',
  '{noImage}',
  '{hostNetwork}',
  '{rich}',
];

describe('ps', () => {
  test.each([
    ...ALL.map((service) => [service]),
    ALL,
    ['--no-trunc', ...ALL],
    ['--no-resolve', ...ALL],
    ['--no-resolve', '--no-trunc', '{global}', '{updated}'],
    ['-q', '{updated}', '{global}'],
    ['-q', '--no-trunc', '--no-resolve', '{updated}'],
    ['-f', 'desired-state=running', '{updated}', '{crashed}'],
    ['-f', 'desired-state=shutdown', '{updated}'],
    ['-f', 'desired-state=shutdown', '-f', 'desired-state=running', '{updated}'],
    ['--filter', 'node=worker1', '{global}', '{globalJob}'],
    ['--filter', 'node=worker1', '--filter', 'node=manager', '{global}'],
    ['--filter', 'node=self', '{global}'],
    ['--filter', 'name={updated}.1', '{updated}'],
    ['--filter', 'id=zzz', '{updated}'],
    ['--filter', ' NAME = {updated}.1 ', '{updated}'],
    ['--filter', 'service={job}', '{updated}'],
    ['--filter', 'label=x=y', '{updated}'],
    ['{updated}', '{updated}'],
  ])('%s', (...words) => expectSame(['ps', ...words]));
});

describe('ps --format', () => {
  test.each([
    'table',
    'json',
    'raw',
    '{{.ID}}',
    '{{json .}}',
    '{{.Name}}\\t{{.Node}}',
    'table {{.ID}}\\t{{.Node}}\\t{{.Ports}}',
    'table {{.Name}}\\t{{upper .DesiredState}}\\t{{truncate .Image 8}}\\t{{pad .Node 1 2}}|',
    'table {{.Name}}: {{.Error}}',
    'table {{.Node}}\\t{{json .}}',
    '{{range $i, $part := split .Name "."}}{{if $i}}/{{end}}{{$part}}{{end}}',
    '{{if eq .DesiredState "Running"}}{{.Name}}{{else if .Error}}{{.Error}}{{else}}-{{end}}',
    '{{with .Ports}}{{.}}{{else}}none{{end}} {{printf "%-10s|%5d" .Node (len .Name)}}',
    '{{- /* nothing */ -}} {{.Name | title | printf "%q"}}',
  ])('%s', (format) => expectSame(['ps', '--format', format, '{updated}', '{crashed}', '{global}']));

  test.each([
    ['-q', '--format', 'table'],
    ['-q', '--format', 'raw'],
    ['-q', '--format', 'json'],
    ['-q', '--format', 'table {{.Name}}\\t{{.ID}}'],
    ['--no-trunc', '--format', 'json'],
    ['--no-resolve', '--format', '{{.Name}} {{.Node}}'],
    ['--format', ''],
  ])('%s', (...words) => expectSame(['ps', ...words, '{updated}', '{crashed}']));
});

describe('inspect', () => {
  test.each([
    ...ALL.flatMap((service) => [[service], ['--pretty', service]]),
    ALL,
    ['--pretty', ...ALL],
    ['--format', 'json', '{rich}', '{updated}'],
    ['-f', 'pretty', '{updated}'],
    ['-f', 'raw', '{updated}'],
  ])('%s', (...words) => expectSame(['inspect', ...words]));
});

describe('inspect --format', () => {
  test.each([
    '{{json .}}',
    '{{.Spec.Name}} {{.Version.Index}} {{.CreatedAt}}',
    '{{json .Spec.Labels}} {{.Spec.Labels}} {{index .Spec.Labels "a"}}|{{.Spec.Labels.nope}}',
    '{{range $k, $v := .Spec.Labels}}{{$k}}={{$v}};{{else}}none{{end}}',
    '{{.Spec.TaskTemplate.ContainerSpec.Image}}',
    '{{join .Spec.TaskTemplate.ContainerSpec.Args " "}} {{len .Spec.TaskTemplate.ContainerSpec.Env}}',
    '{{with .UpdateStatus}}{{.State}}: {{.Message | upper}}{{else}}never updated{{end}}',
    '{{if .Spec.Mode.Replicated}}{{.Spec.Mode.Replicated.Replicas}}{{else if .Spec.Mode.Global}}global{{end}}',
    '{{range .Endpoint.Ports}}{{.PublishMode}} {{.TargetPort}}/{{.Protocol}}{{println}}{{end}}',
    '{{.Spec.UpdateConfig}} {{.Spec.TaskTemplate.ContainerSpec.StopGracePeriod}} {{.JobStatus}}',
    '{{range .Spec.TaskTemplate.ContainerSpec.Secrets}}{{.SecretName}} {{.File.Mode}}{{end}}',
    '{{printf "%s=%5.2f" .Spec.Name .Spec.UpdateConfig.MaxFailureRatio}}',
    '{{.Nope}}',
    '{{.PreviousSpec.Name}}',
  ])('%s', (format) => expectSame(['inspect', '--format', format, '{updated}', '{rich}', '{globalJob}']));
});

describe('missing services', () => {
  const nope = uniqueName('nope');
  test.each([
    ['ps', '{updated}', nope],
    ['ps', nope, '{updated}', 'nope2'],
    ['ps', nope],
    ['ps', '-q', nope, '{job}'],
    ['ps', 'a b', '../..', '?x=1', 'ünïcode', '日本'],
    ['ps', '--', '-x'],
    ['ps', '--filter', 'node=nope', '{updated}'],
    ['ps', '--filter', 'nope=1', '{updated}'],
    ['ps', '--filter', 'desired-state=nope', '{updated}'],
    ['inspect', '{updated}', nope, '{job}'],
    ['inspect', nope],
    ['inspect', '--pretty', '{updated}', nope],
    ['inspect', '-f', '{{.ID}}', nope, '{updated}'],
    ['inspect', '-f', '{{.ID}}', nope],
    ['inspect', '-f', 'json', nope],
    ['inspect', 'a b', '..', '.', 'x/y', '?x=1', 'ünïcode'],
    ['inspect', '--', '-x'],
  ])('%s %s', async (...words) => {
    const [theirs, ours] = await both(words);
    expect(timeless(ours.stdout)).toBe(timeless(theirs.stdout));
    expect([ours.code, theirs.code]).toEqual([1, 1]);
    expect(ours.stderr).toMatch(/^swarmroll: .+\n(?: {2}.+\n)?$/);
  });

  test('each has a message with docker’s text', async () => {
    const { stderr } = await swarmroll(worded(['ps', nope, '{updated}', `${nope}2`]));
    expect(stderr).toContain(`swarmroll: no such service: ${nope}; no such service: ${nope}2\n`);
  });
});

describe('a reference', () => {
  test('can be an id or a prefix of an id', async () => {
    const { ID } = await storedService(worded(['{updated}'])[0] ?? '');
    for (const ref of [ID, ID.slice(0, 20)]) {
      await expectSame(['ps', ref]);
      await expectSame(['inspect', '--pretty', ref]);
    }
  });
});

describe('an error before any request', () => {
  /** No engine listens there: a request would fail with another error. */
  const env = { DOCKER_HOST: 'tcp://127.0.0.1:1' };
  // A template that does not parse ends with docker's exit code, a wrong command line with ours.
  test.each<[number, string[], string]>([
    [1, ['ps', '--format', '{{.ID', 'x'], 'template: :1: unclosed action'],
    [1, ['inspect', '-f', '{{range}}{{end}}', 'x'], 'template: :1: missing value for range'],
    [1, ['inspect', '-f', '{{nope .}}', 'x'], 'template: :1: function "nope" not defined'],
    [1, ['inspect', '-f', 'a\n{{if}}', 'x'], 'template: :2: missing value for if'],
    [2, ['inspect', '--pretty', '-f', 'x', 'x'], '--format'],
    [2, ['inspect', '-f', 'pretty {{.ID}}', 'x'], '--format'],
    [2, ['ps', '-f', 'x', 'x'], 'invalid argument "x" for --filter'],
    [2, ['ps'], 'ps needs at least 1 operand'],
    [2, ['ps', 'x', ''], 'the name of the service is empty'],
    [2, ['inspect'], 'inspect needs at least 1 operand'],
  ])('%d: %s', async (wanted, words, message) => {
    const { code, stdout, stderr } = await swarmroll(words, { env });
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([wanted, '']);
  });
});
