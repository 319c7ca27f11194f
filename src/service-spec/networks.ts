/** Networks that the tasks are attached to. */
import { SwarmrollError } from '../errors.ts';
import type { NetworkAttachment, ServiceSpec } from '../api/service.ts';
import { parseCsv } from '../values/csv.ts';
import { byBytes, cut } from '../values/text.ts';
import { InvalidValue, listOf, strings } from '../values/value.ts';
import { specFlag } from './flag.ts';
import type { Lookup } from './flag.ts';

/** `name=NET,alias=A,driver-opt=KEY=VALUE`, or just the network. */
interface Wanted extends NetworkAttachment {
  Target: string;
}

const networks = listOf('network', (text): Wanted => {
  if (!/\w+=\w+/.test(text)) return { Target: text };
  const wanted = { Target: '', Aliases: new Array<string>(), DriverOpts: {} as Record<string, string> };
  for (const field of parseCsv(text)) {
    // Docker puts the whole field in small letters, names of networks and all.
    const [key, value] = trimmed(field.toLowerCase());
    if (key === 'name') wanted.Target = value;
    else if (key === 'alias') wanted.Aliases.push(value);
    else if (key === 'driver-opt') {
      const [option, setting] = trimmed(value);
      wanted.DriverOpts[option] = setting;
    }
    // Docker's grammar knows addresses, a service has no place for them.
    else if (key !== 'ip' && key !== 'ip6') throw new InvalidValue(`has no key ${JSON.stringify(key)}`);
  }
  if (wanted.Target === '') throw new InvalidValue('must have a name');
  return wanted;
});

export const NETWORK_FLAGS = [
  specFlag({
    name: 'network',
    type: networks,
    names: 'networks',
    group: 'Network',
    help: 'Network attachments',
    create: async (draft, list, { lookup }) => store(draft, await resolved(list, lookup)),
  }),
  specFlag({
    name: 'network-rm',
    type: strings,
    names: 'networks',
    group: 'Network',
    help: 'Remove a network',
    since: '1.29',
    update: async (draft, names, { lookup }) => {
      const ids = await Promise.all(names.map((name) => lookup.network(name)));
      store(
        draft,
        attached(draft).filter(({ Target = '' }) => !ids.includes(Target)),
      );
    },
  }),
  specFlag({
    name: 'network-add',
    type: networks,
    names: 'networks',
    group: 'Network',
    help: 'Add a network',
    since: '1.29',
    update: async (draft, list, { lookup }) => {
      const all = [...attached(draft)];
      for (const [index, attachment] of (await resolved(list, lookup)).entries()) {
        if (all.some(({ Target }) => Target === attachment.Target)) {
          const name = list[index]?.Target ?? '';
          throw new SwarmrollError('refused', `--network-add: the service is already attached to ${name}`);
        }
        all.push(attachment);
      }
      store(draft, all);
    },
  }),
];

/** Where the service is attached, wherever the engine that made it kept that. */
function attached({ TaskTemplate, Networks }: ServiceSpec): readonly NetworkAttachment[] {
  const inTask = TaskTemplate.Networks ?? [];
  return inTask.length > 0 ? inTask : (Networks ?? []);
}

function store(draft: ServiceSpec, list: readonly NetworkAttachment[]): void {
  delete draft.Networks;
  draft.TaskTemplate.Networks = [...list].sort((a, b) => byBytes(a.Target ?? '', b.Target ?? ''));
}

async function resolved(list: readonly Wanted[], lookup: Lookup): Promise<NetworkAttachment[]> {
  return Promise.all(
    list.map(async (wanted) => ({ ...wanted, Target: await lookup.network(wanted.Target) })),
  );
}

function trimmed(field: string): [key: string, value: string] {
  const [key, value] = cut(field, '=');
  if (value === undefined || key === '') {
    throw new InvalidValue(`has ${JSON.stringify(field)} where KEY=VALUE is needed`);
  }
  return [key.trim(), value.trim()];
}
