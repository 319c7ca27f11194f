import { describe, expect, test } from '@jest/globals';
import { configuredFormat, readConfig } from '../../../src/connection/docker-config.ts';

const source = (path: string, text: string) => ({
  env: { DOCKER_CONFIG: '/etc/docker-client', HOME: '/root' },
  readFile: (asked: string) =>
    asked === path
      ? Promise.resolve(Buffer.from(text))
      : Promise.reject(Object.assign(new Error('ENOENT'), { code: 'ENOENT' })),
});
const CONFIG = '/etc/docker-client/config.json';

test('default formats are read from config.json', async () => {
  const given = source(CONFIG, '{"tasksFormat": "{{.ID}}"}');
  expect(await configuredFormat('tasksFormat', given)).toBe('{{.ID}}');
  expect(await configuredFormat('serviceInspectFormat', given)).toBe('');
});

test('without DOCKER_CONFIG, config.json is in ~/.docker', async () => {
  const { readFile } = source('/root/.docker/config.json', '{"credsStore":"x"}');
  expect(await readConfig({ env: { HOME: '/root' }, readFile })).toEqual({ credsStore: 'x' });
});

describe('a config.json', () => {
  test('that does not exist means no settings', async () => {
    expect(await readConfig(source('/elsewhere', ''))).toEqual({});
  });

  test('that can’t be parsed is an error without the file’s content, and ignored for a format', async () => {
    const given = source(CONFIG, '{"auths": secret');
    await expect(readConfig(given)).rejects.toThrow(`${CONFIG} is not valid JSON`);
    await expect(readConfig(given)).rejects.not.toThrow('secret');
    expect(await configuredFormat('tasksFormat', given)).toBe('');
  });
});
