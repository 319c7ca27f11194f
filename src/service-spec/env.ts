/** Environment variables of the container. */
import { usageError } from '../errors.ts';
import type { ServiceSpec } from '../api/service.ts';
import { cut } from '../values/text.ts';
import { InvalidValue, listOf, strings } from '../values/value.ts';
import { container } from './draft.ts';
import { specFlag } from './flag.ts';
import type { Local } from './flag.ts';

/** `NAME=VALUE`, or `NAME` for the value that it has where the command line was typed. */
export const variables = listOf('list', (text) => {
  if (cut(text, '=')[0] === '') throw new InvalidValue('must be NAME=VALUE or NAME');
  return text;
});

const envFile = specFlag({
  name: 'env-file',
  type: strings,
  group: 'What runs',
  help: 'Read in a file of environment variables',
  create: async (draft, paths, { local }) => {
    for (const path of paths) append(draft, await readEnvFile(path, local));
  },
});

const env = specFlag({
  name: 'env',
  short: 'e',
  type: variables,
  group: 'What runs',
  help: 'Set environment variables: NAME=VALUE, or NAME to pass its value on',
  create: (draft, list, { local }) => append(draft, withValues(list, local)),
});

const envRm = specFlag({
  name: 'env-rm',
  type: strings,
  group: 'What runs',
  help: 'Remove an environment variable',
  update: (draft, names) => {
    const spec = container(draft);
    spec.Env = (spec.Env ?? []).filter((entry) => !names.includes(nameOf(entry)));
  },
});

const envAdd = specFlag({
  name: 'env-add',
  type: variables,
  group: 'What runs',
  help: 'Add or update an environment variable',
  // One entry a name, the last counts; a name that was there keeps its place.
  update: (draft, list, { local }) => {
    const spec = container(draft);
    const entries = [...(spec.Env ?? []), ...withValues(list, local)];
    spec.Env = [...new Map(entries.map((entry) => [nameOf(entry), entry])).values()];
  },
});

export const ENV_FLAGS = [envFile, env, envRm, envAdd];

/** `NAME` becomes `NAME=VALUE` where the environment has it, and stays as it is where not. */
export function withValues(list: readonly string[], { env: values }: Local): string[] {
  return list.map((entry) => {
    const value = entry.includes('=') ? undefined : values[entry];
    return value === undefined ? entry : `${entry}=${value}`;
  });
}

/**
 * As docker's create: a variable moves to the end with its new value, the very same entry twice stays twice. Of two
 * such side by side only the first gives way to a later value: docker goes on behind what it takes out.
 */
function append(draft: ServiceSpec, list: readonly string[]): void {
  const entries = (container(draft).Env ??= []);
  for (const entry of list) {
    const replaces = (other = '') => other !== entry && other.startsWith(`${nameOf(entry)}=`);
    for (let at = 0; at < entries.length; at += 1) {
      if (replaces(entries[at])) entries.splice(at, 1);
    }
    entries.push(entry);
  }
}

function nameOf(entry: string): string {
  return cut(entry, '=')[0];
}

/** The variables of a file: one a line, `#` starts a comment line; @throws SwarmrollError `usage`. */
async function readEnvFile(path: string, local: Local): Promise<string[]> {
  const broken = (reason: string) => usageError(`--env-file ${JSON.stringify(path)}: ${reason}`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await local.readFile(path));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : message;
    throw broken(code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'is not UTF-8 text' : why);
  }
  const lines = text.split(/\r?\n/).map((line) => line.trimStart());
  return lines.flatMap((line, index) => {
    if (line === '' || line.startsWith('#')) return [];
    const [name, value] = cut(line, '=');
    if (name === '') throw broken(`line ${index + 1} has no name before the =`);
    if (value !== undefined && /[ \t]/.test(name)) {
      throw broken(`line ${index + 1} has a blank in the name ${JSON.stringify(name)}`);
    }
    if (value !== undefined) return [line];
    // Unlike --env NAME, a name without a value anywhere says nothing.
    const passed = local.env[line.trimEnd()];
    return passed === undefined ? [] : [`${line.trimEnd()}=${passed}`];
  });
}
