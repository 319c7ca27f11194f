/** Environment variables of the container. */
import type { ServiceSpec } from '../engine/wire.ts';
import { strings } from '../values/value.ts';
import { container } from './draft.ts';
import { specFlag } from './flag.ts';

const env = specFlag({
  name: 'env',
  short: 'e',
  type: strings,
  group: 'What runs',
  help: 'Set an environment variable',
  create: (draft, list) => addEnv(draft, list),
});

const envAdd = specFlag({
  name: 'env-add',
  type: strings,
  group: 'What runs',
  help: 'Add or replace an environment variable',
  update: (draft, list) => addEnv(draft, list),
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

export const ENV_FLAGS = [env, envAdd, envRm];

function addEnv(draft: ServiceSpec, list: readonly string[]): void {
  const spec = container(draft);
  const names = list.map(nameOf);
  spec.Env = [...(spec.Env ?? []).filter((entry) => !names.includes(nameOf(entry))), ...list];
}

function nameOf(entry: string): string {
  return entry.split('=', 1)[0] ?? entry;
}
