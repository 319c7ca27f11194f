/** Environment variables of the container. */
import { usageError } from '../errors.ts';
import type { ServiceSpec } from '../api/service.ts';
import { splitOnce } from '../values/text.ts';
import { InvalidValue, listOf, strings } from '../values/value.ts';
import { container } from './draft.ts';
import { listFlags, specFlag } from './flag.ts';
import type { LocalMachine } from './flag.ts';
import { entries } from './shown.ts';

/** `NAME=VALUE`, or `NAME` for a variable of the client's environment. */
export const variables = listOf('list', (text) => {
  if (splitOnce(text, '=')[0] === '') throw new InvalidValue('must be NAME=VALUE or NAME');
  return text;
});

const envFile = specFlag({
  name: 'env-file',
  type: strings,
  group: 'What runs',
  help: 'Read in a file of environment variables',
  create: async (draft, paths, { local }) => {
    for (const path of paths) addVariables(draft, await readEnvFile(path, local));
  },
});

const [env, envRm, envAdd] = listFlags({
  name: 'env',
  short: 'e',
  type: variables,
  removed: strings,
  group: 'What runs',
  help: {
    set: 'Set environment variables: NAME=VALUE, or NAME to copy it from your environment',
    add: 'Add or update an environment variable',
    rm: 'Remove an environment variable',
  },
  shows: [entries(`${container.path}.Env`)],
  set: (draft, list, { local }) => addVariables(draft, withLocalValues(list, local)),
  // The last value of a name wins, and a name that existed before keeps its position. (docker's order is random.)
  add: (draft, list, { local }) => {
    const spec = container(draft);
    const entries = [...(spec.Env ?? []), ...withLocalValues(list, local)];
    spec.Env = [...new Map(entries.map((entry) => [nameOf(entry), entry])).values()];
  },
  rm: (draft, names) => {
    const spec = container(draft);
    spec.Env = (spec.Env ?? []).filter((entry) => !names.includes(nameOf(entry)));
  },
});

export const ENV_FLAGS = [envFile, env, envRm, envAdd];

/**
 * Completes `NAME` to `NAME=VALUE` if the client's environment has that variable. Other entries stay as they are.
 * (docker/cli opts/env.go ValidateEnv)
 */
export function withLocalValues(list: readonly string[], { env: values }: LocalMachine): string[] {
  return list.map((entry) => {
    const value = entry.includes('=') ? undefined : values[entry];
    return value === undefined ? entry : `${entry}=${value}`;
  });
}

/**
 * Adds variables as docker's create does (docker/cli v29.7.2 cli/command/service/opts.go makeEnv): an entry that is there
 * already keeps its position; any other one comes last, in place of all values of the same name.
 */
function addVariables(draft: ServiceSpec, list: readonly string[]): void {
  const spec = container(draft);
  spec.Env = list.reduce<string[]>(
    (entries, entry) =>
      entries.includes(entry)
        ? entries
        : [...entries.filter((other) => !other.startsWith(`${nameOf(entry)}=`)), entry],
    spec.Env ?? [],
  );
}

function nameOf(entry: string): string {
  return splitOnce(entry, '=')[0];
}

/**
 * Reads an environment file: one variable on each line; lines that start with `#` are comments.
 * (docker/cli pkg/kvfile/kvfile.go)
 * @throws SwarmrollError `usage`
 */
async function readEnvFile(path: string, local: LocalMachine): Promise<string[]> {
  const invalid = (reason: string) => usageError(`--env-file ${JSON.stringify(path)}: ${reason}`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await local.readFile(path));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : message;
    throw invalid(code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'the file is not UTF-8 text' : reason);
  }
  const lines = text.split(/\r?\n/).map((line) => line.trimStart());
  return lines.flatMap((line, index) => {
    if (line === '' || line.startsWith('#')) return [];
    const [name, value] = splitOnce(line, '=');
    if (name === '') throw invalid(`line ${index + 1} has no variable name before the =`);
    if (value !== undefined && /[ \t]/.test(name)) {
      throw invalid(`line ${index + 1} has whitespace in the variable name ${JSON.stringify(name)}`);
    }
    if (value !== undefined) return [line];
    // A NAME that the client's environment does not have is left out. (--env NAME would store it without a value.)
    const localValue = local.env[line.trimEnd()];
    return localValue === undefined ? [] : [`${line.trimEnd()}=${localValue}`];
  });
}
