/** The networks of the service. */
import { SwarmrollError } from '../errors.ts';
import type { NetworkAttachment, ServiceSpec } from '../api/service.ts';
import { parseCsv, splitField, unknownKey } from '../values/csv.ts';
import { byBytes } from '../values/text.ts';
import { InvalidValue, listOf, strings } from '../values/value.ts';
import { listFlags } from './flag.ts';
import type { Lookup } from './flag.ts';
import { each } from './shown.ts';

/** A network as the command line gives it: Target is a name, an ID or a unique prefix of an ID. */
interface RequestedNetwork extends NetworkAttachment {
  Target: string;
}

/** docker 28 and 29 take these for a service too, and then send nothing of them. */
const OF_CONTAINERS = ['mac-address', 'link-local-ip', 'gw-priority'];

/** `name=NET,alias=A,driver-opt=KEY=VALUE`, or only the network (docker/cli opts/network.go NetworkOpt.Set). */
const networks = listOf('network', (text): RequestedNetwork => {
  if (!/\w+=\w+/.test(text)) return { Target: text };
  const requested = { Target: '', Aliases: new Array<string>(), DriverOpts: {} as Record<string, string> };
  for (const field of parseCsv(text)) {
    // docker converts the whole field to lower case, the name of the network included.
    const [key, value] = splitTrimmed(field.toLowerCase());
    if (key === 'name') requested.Target = value;
    else if (key === 'alias') requested.Aliases.push(value);
    else if (key === 'driver-opt') {
      const [option, setting] = splitTrimmed(value);
      requested.DriverOpts[option] = setting;
    }
    // docker accepts addresses here and ignores them: a service cannot have them.
    else if (OF_CONTAINERS.includes(key))
      throw new InvalidValue(
        `cannot have ${key}: it is for containers, and the engine ignores it for a service`,
      );
    else if (key !== 'ip' && key !== 'ip6') throw unknownKey(key);
  }
  if (requested.Target === '') throw new InvalidValue('must have a name');
  return requested;
});

export const NETWORK_FLAGS = [
  ...listFlags({
    name: 'network',
    type: networks,
    removed: strings,
    names: 'networks',
    group: 'Network',
    help: { set: 'Network attachments', add: 'Add a network', rm: 'Remove a network' },
    set: async (draft, list, { lookup }) => storeNetworks(draft, await resolveNetworks(list, lookup)),
    add: async (draft, list, { lookup }) => {
      const all = [...attached(draft)];
      for (const [index, attachment] of (await resolveNetworks(list, lookup)).entries()) {
        if (all.some(({ Target }) => Target === attachment.Target)) {
          const name = list[index]?.Target ?? '';
          throw new SwarmrollError(
            'refused',
            `--network-add: the service is already attached to network ${name}`,
          );
        }
        all.push(attachment);
      }
      storeNetworks(draft, all);
    },
    shows: [each('TaskTemplate.Networks', networkText), each('Networks', networkText)],
    rm: async (draft, names, { lookup }) => {
      const ids = await Promise.all(names.map((name) => lookup.network(name)));
      storeNetworks(
        draft,
        attached(draft).filter(({ Target = '' }) => !ids.includes(Target)),
      );
    },
  }),
];

/**
 * The networks of a service, from the current field or from the deprecated one (docker/cli
 * cli/command/service/update.go updateNetworks).
 */
function attached({ TaskTemplate, Networks }: ServiceSpec): readonly NetworkAttachment[] {
  const inTask = TaskTemplate.Networks ?? [];
  return inTask.length > 0 ? inTask : (Networks ?? []);
}

/** Stores the networks in the current field, sorted by ID as docker does. */
function storeNetworks(draft: ServiceSpec, list: readonly NetworkAttachment[]): void {
  delete draft.Networks;
  draft.TaskTemplate.Networks = [...list].sort((a, b) => byBytes(a.Target ?? '', b.Target ?? ''));
}

async function resolveNetworks(
  list: readonly RequestedNetwork[],
  lookup: Lookup,
): Promise<NetworkAttachment[]> {
  return Promise.all(
    list.map(async (requested) => ({ ...requested, Target: await lookup.network(requested.Target) })),
  );
}

function splitTrimmed(field: string): [key: string, value: string] {
  const [key, value] = splitField(field);
  return [key.trim(), value.trim()];
}

function networkText(
  { Target = '', Aliases, DriverOpts }: NetworkAttachment,
  networks: ReadonlyMap<string, string>,
): string {
  const options = [
    ...(Aliases ?? []).map((alias) => `,alias=${alias}`),
    ...Object.entries(DriverOpts ?? {}).map(([key, value]) => `,driver-opt=${key}=${value}`),
  ].join('');
  const name = networks.get(Target) ?? Target;
  return options === '' ? name : `name=${name}${options}`;
}
