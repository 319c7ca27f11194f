/** Secrets and configs as files in the container, and the credential spec of Windows accounts. */
import { usageError } from '../errors.ts';
import type {
  ConfigReference,
  ContainerSpec,
  CredentialSpec,
  FileTarget,
  ServiceSpec,
} from '../api/service.ts';
import { parseCsv } from '../values/csv.ts';
import { cut, firstRepeated } from '../values/text.ts';
import { InvalidValue, listOf, single, strings, uint } from '../values/value.ts';
import { container } from './draft.ts';
import { specFlag } from './flag.ts';
import type { Change, SpecContext } from './flag.ts';

/** A secret or a config by name, and the file it becomes. */
interface Wanted {
  readonly name: string;
  readonly file: FileTarget;
}

/** `NAME`, or `source=NAME,target=FILE,uid=0,gid=0,mode=0444`. */
function parseFile(text: string): Wanted {
  const fields = parseCsv(text);
  const file: FileTarget = { Name: '', UID: '0', GID: '0', Mode: 0o444 };
  let name = '';
  if (fields.length === 1 && !text.includes('=')) name = fields[0] ?? '';
  else {
    for (const field of fields) {
      const [key, value] = cut(field, '=');
      if (value === undefined)
        throw new InvalidValue(`has ${JSON.stringify(field)} where KEY=VALUE is needed`);
      switch (key.toLowerCase()) {
        case 'source':
        case 'src':
          name = value;
          break;
        case 'target':
          file.Name = value;
          break;
        case 'uid':
          file.UID = value;
          break;
        case 'gid':
          file.GID = value;
          break;
        case 'mode':
          file.Mode = uint.parse([value]);
          if (file.Mode >= 2 ** 32) throw new InvalidValue('must have a mode of at most 32 bits');
          break;
        default:
          throw new InvalidValue(`has no key ${JSON.stringify(key)}`);
      }
    }
    if (name === '') throw new InvalidValue('must have a source');
  }
  return { name, file: { ...file, Name: file.Name === '' ? name : file.Name } };
}

const secrets = listOf('secret', parseFile);
const configs = listOf('config', parseFile);

const secretFlags = [
  specFlag({
    name: 'secret',
    type: secrets,
    names: 'secrets',
    group: 'Storage',
    help: 'Specify secrets to expose to the service',
    since: '1.25',
    create: addSecrets('--secret'),
  }),
  specFlag({
    name: 'secret-rm',
    type: strings,
    names: 'secrets',
    group: 'Storage',
    help: 'Remove a secret',
    since: '1.25',
    update: (draft, names) => {
      const spec = container(draft);
      spec.Secrets = (spec.Secrets ?? []).filter(({ SecretName }) => !names.includes(SecretName));
    },
  }),
  specFlag({
    name: 'secret-add',
    type: secrets,
    names: 'secrets',
    group: 'Storage',
    help: 'Add or update a secret on a service',
    since: '1.25',
    update: addSecrets('--secret-add'),
  }),
];

const configFlags = [
  specFlag({
    name: 'config',
    type: configs,
    names: 'configs',
    group: 'Storage',
    help: 'Specify configurations to expose to the service',
    since: '1.30',
    create: addConfigs('--config'),
  }),
  specFlag({
    name: 'config-rm',
    type: strings,
    names: 'configs',
    group: 'Storage',
    help: 'Remove a configuration file',
    since: '1.30',
    // A config that the engine reads itself stays: the credential spec decides over it.
    update: (draft, names) => {
      const spec = container(draft);
      spec.Configs = (spec.Configs ?? []).filter(
        ({ ConfigName, Runtime }) => Runtime !== undefined || !names.includes(ConfigName),
      );
    },
  }),
  specFlag({
    name: 'config-add',
    type: configs,
    names: 'configs',
    group: 'Storage',
    help: 'Add or update a config file on a service',
    since: '1.30',
    update: addConfigs('--config-add'),
  }),
];

function addSecrets(flag: string): Change<Wanted[]> {
  return adding(flag, 'secrets', (spec, files) => {
    const added = files.map(({ name, id, file }) => ({ File: file, SecretID: id, SecretName: name }));
    spec.Secrets = [...(spec.Secrets ?? []), ...added];
  });
}

function addConfigs(flag: string): Change<Wanted[]> {
  return adding(flag, 'configs', (spec, files) => {
    const added = files.map(({ name, id, file }) => ({ File: file, ConfigID: id, ConfigName: name }));
    spec.Configs = [...(spec.Configs ?? []), ...added];
  });
}

/** A change that adds files, whose ids are asked for in one request; two can't become the same file. */
function adding(
  flag: string,
  kind: 'secrets' | 'configs',
  add: (spec: ContainerSpec, files: readonly (Wanted & { readonly id: string })[]) => void,
): Change<Wanted[]> {
  return async (draft, list, { lookup }) => {
    const twice = firstRepeated(list.map(({ file }) => file.Name));
    if (twice !== undefined) throw usageError(`${flag} names the target ${JSON.stringify(twice)} twice`);
    const ids = await lookup[kind](list.map(({ name }) => name));
    add(
      container(draft),
      list.map((wanted) => ({ ...wanted, id: ids.get(wanted.name) ?? '' })),
    );
  };
}

/** `config://NAME`, `file://FILE`, `registry://KEY`; empty for none. */
const credentials = single('credential-spec', (text): CredentialSpec | undefined => {
  if (text === '') return undefined;
  const [, scheme, value = ''] = /^(config|file|registry):\/\/(.*)$/s.exec(text) ?? [];
  if (scheme === 'config') return { Config: value };
  if (scheme === 'file') return { File: value };
  if (scheme === 'registry') return { Registry: value };
  throw new InvalidValue('must start with config://, file:// or registry://');
});

const credentialSpec = specFlag({
  name: 'credential-spec',
  type: credentials,
  group: 'What runs',
  help: 'Credential spec for managed service account (Windows only)',
  since: '1.29',
  create: (draft, wanted, context) => setCredentials(draft, wanted, context),
  update: (draft, wanted, context) => setCredentials(draft, wanted, context),
});

export const FILE_FLAGS = [...secretFlags, ...configFlags, credentialSpec];

/** A config as credential spec is stored by its id, and among the configs as one that the engine reads. */
async function setCredentials(
  draft: ServiceSpec,
  wanted: CredentialSpec | undefined,
  { lookup }: SpecContext,
) {
  const spec = container(draft);
  const name = wanted?.Config ?? '';
  const others = (spec.Configs ?? []).filter(({ Runtime }) => Runtime === undefined);
  if (wanted === undefined) {
    if (spec.Privileges) delete spec.Privileges.CredentialSpec;
    if (spec.Configs) spec.Configs = others;
    return;
  }
  let configId: string | undefined;
  if (name !== '') {
    configId = (await lookup.configs([name])).get(name) ?? '';
    const read: ConfigReference = { Runtime: {}, ConfigID: configId, ConfigName: name };
    spec.Configs = [...others, read];
  } else if (spec.Configs) spec.Configs = others;
  spec.Privileges = {
    ...spec.Privileges,
    CredentialSpec: configId === undefined ? wanted : { ...wanted, Config: configId },
  };
}
