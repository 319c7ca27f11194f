/** A config.json that is broken: each fault is one warning of a command, which goes on as docker does. */
import { expect, test } from '@jest/globals';
import { fakeEngine } from '../support/fake-engine/engine.ts';
import { run } from '../support/fake-world.ts';

const PATH = '/home/.docker/config.json';
const BROKEN = `swarmroll: warning: ${PATH} is not valid JSON; it is not used\n`;
const wrong = (field: string): string =>
  `swarmroll: warning: ${field} in ${PATH} has a wrong type, and is not used\n`;

function runWith(config: string, argv: readonly string[], DOCKER_HOST = 'tcp://a:1') {
  const engine = fakeEngine();
  engine.given('web', 'ping:1.0');
  const env = { HOME: '/home', DOCKER_HOST };
  return run(argv, { engine, files: { [PATH]: config }, changes: { env } });
}

test.each([
  ['{', ['ps', 'web'], BROKEN],
  ['[]', ['inspect', 'web'], BROKEN],
  ['{"HttpHeaders":{"X-A":5}}', ['ps', 'web'], wrong('HttpHeaders')],
  ['{"HttpHeaders":5,"tasksFormat":[]}', ['ps', 'web'], wrong('HttpHeaders') + wrong('tasksFormat')],
  ['{"serviceInspectFormat":5}', ['inspect', 'web'], wrong('serviceInspectFormat')],
  ['{"currentContext":5}', ['ps', 'web'], wrong('currentContext')],
  ['{"credsStore":5}', ['update', '-d', '--with-registry-auth', '--force', 'web'], wrong('credsStore')],
  ['{"HttpHeaders":null,"currentContext":null,"psFormat":5}', ['ps', 'web'], ''],
  ['{', ['__complete', '--', 'ps', ''], ''],
  ['{', ['ps', '--help'], ''],
  ['{', ['completion', 'bash'], ''],
])('%s: %j', async (config, argv, warnings) => {
  const { code, stderr } = await runWith(config, argv);
  expect({ code, stderr }).toEqual({ code: 0, stderr: warnings });
});

test.each([
  ['{"currentContext":5}', `currentContext in ${PATH} is not the name of a context`],
  ['{', `${PATH} is not valid JSON`],
])('%s is an error, and no warning, when it would choose the engine', async (config, message) => {
  const { code, stderr } = await runWith(config, ['ps', 'web'], '');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^swarmroll: .*\n {2}correct the file, .*\n$/);
  expect(stderr).toContain(message);
});
