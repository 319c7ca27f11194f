/** Secrets and configs, which become files in the container, and the credential spec of Windows accounts. */
import type {
  ConfigReference,
  ContainerSpec,
  CredentialSpec,
  FileTarget,
  SecretReference,
  ServiceSpec,
} from '../api/service.ts';
import { parseCsv, splitField, unknownKey } from '../values/csv.ts';
import { InvalidValue, listOf, single, strings, uint } from '../values/value.ts';
import { container } from './draft.ts';
import { onBoth, refuseRepeated, listFlags } from './flag.ts';
import type { SpecEdit, SpecContext } from './flag.ts';
import { keyed, one } from './shown.ts';

/** The name of a secret or config, and the file that it becomes in the container. */
interface RequestedFile {
  readonly name: string;
  readonly file: FileTarget;
}

/**
 * Reads `NAME`, or `source=NAME,target=FILE,uid=0,gid=0,mode=0444`.
 * (docker/cli opts/swarmopts/secret.go and config.go, Set)
 * @throws InvalidValue
 */
function parseFile(text: string): RequestedFile {
  const fields = parseCsv(text);
  const file: FileTarget = { Name: '', UID: '0', GID: '0', Mode: 0o444 };
  let name = '';
  if (fields.length === 1 && !text.includes('=')) name = fields[0] ?? '';
  else {
    for (const field of fields) {
      const [key, value] = splitField(field);
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
          if (file.Mode >= 2 ** 32) throw new InvalidValue('must have a mode that fits in 32 bits');
          break;
        default:
          throw unknownKey(key);
      }
    }
    if (name === '') throw new InvalidValue('must have a source');
  }
  return { name, file: { ...file, Name: file.Name === '' ? name : file.Name } };
}

const secrets = listOf('secret', parseFile);
const configs = listOf('config', parseFile);

const secretFlags = [
  ...listFlags({
    name: 'secret',
    type: secrets,
    removed: strings,
    names: 'secrets',
    group: 'Storage',
    help: {
      set: 'Specify secrets to expose to the service',
      add: 'Add or update a secret on a service',
      rm: 'Remove a secret',
    },
    shows: [
      keyed(`${container.path}.Secrets`, ({ SecretName, File }: SecretReference) => [
        SecretName,
        fileText(File),
      ]),
    ],
    set: addSecrets('--secret'),
    add: addSecrets('--secret-add'),
    rm: (draft, names) => {
      const spec = container(draft);
      spec.Secrets = (spec.Secrets ?? []).filter(({ SecretName }) => !names.includes(SecretName));
    },
  }),
];

const configFlags = [
  ...listFlags({
    name: 'config',
    type: configs,
    removed: strings,
    names: 'configs',
    group: 'Storage',
    help: {
      set: 'Specify configurations to expose to the service',
      add: 'Add or update a config file on a service',
      rm: 'Remove a configuration file',
    },
    shows: [keyed(`${container.path}.Configs`, configText)],
    set: addConfigs('--config'),
    add: addConfigs('--config-add'),
    // A config that the engine itself reads stays: only --credential-spec changes it (docker/cli
    // cli/command/service/update.go removeConfigs).
    rm: (draft, names) => {
      const spec = container(draft);
      spec.Configs = (spec.Configs ?? []).filter(
        ({ ConfigName, Runtime }) => Runtime !== undefined || !names.includes(ConfigName),
      );
    },
  }),
];

function addSecrets(flag: string): SpecEdit<RequestedFile[]> {
  return addFiles(flag, 'secrets', (spec, files) => {
    const added = files.map(({ name, id, file }) => ({ File: file, SecretID: id, SecretName: name }));
    spec.Secrets = [...(spec.Secrets ?? []), ...added];
  });
}

function addConfigs(flag: string): SpecEdit<RequestedFile[]> {
  return addFiles(flag, 'configs', (spec, files) => {
    const added = files.map(({ name, id, file }) => ({ File: file, ConfigID: id, ConfigName: name }));
    spec.Configs = [...(spec.Configs ?? []), ...added];
  });
}

/**
 * Makes the edit that adds secrets or configs. It asks the engine for all IDs in one request. Two of them
 * cannot become the same file (docker/cli cli/command/service/parse.go ParseSecrets, ParseConfigs).
 * @param flag the name with its dashes, for the error
 * @param add stores the files in the container spec
 */
function addFiles(
  flag: string,
  kind: 'secrets' | 'configs',
  add: (spec: ContainerSpec, files: readonly (RequestedFile & { readonly id: string })[]) => void,
): SpecEdit<RequestedFile[]> {
  return async (draft, list, { lookup }) => {
    refuseRepeated(
      flag,
      'target',
      list.map(({ file }) => file.Name),
    );
    const ids = await lookup[kind](list.map(({ name }) => name));
    add(
      container(draft),
      list.map((requested) => ({ ...requested, id: ids.get(requested.name) ?? '' })),
    );
  };
}

/** `config://NAME`, `file://FILE` or `registry://KEY`. The empty text is undefined: no credential spec. */
const credentials = single('credential-spec', (text): CredentialSpec | undefined => {
  if (text === '') return undefined;
  const [, scheme, value = ''] = /^(config|file|registry):\/\/(.*)$/s.exec(text) ?? [];
  if (scheme === 'config') return { Config: value };
  if (scheme === 'file') return { File: value };
  if (scheme === 'registry') return { Registry: value };
  throw new InvalidValue('must start with config://, file:// or registry://');
});

const credentialSpec = onBoth({
  name: 'credential-spec',
  type: credentials,
  group: 'What runs',
  help: 'Credential spec for managed service account (Windows only)',
  shows: [
    one(`${container.path}.Privileges.CredentialSpec.Config`, (id: string) => `config://${id}`),
    one(`${container.path}.Privileges.CredentialSpec.File`, (file: string) => `file://${file}`),
    one(`${container.path}.Privileges.CredentialSpec.Registry`, (key: string) => `registry://${key}`),
  ],
  edit: setCredentialSpec,
});

export const FILE_FLAGS = [...secretFlags, ...configFlags, credentialSpec];

/**
 * Stores the credential spec, or removes it if there is none. If it is a config, the spec refers to the config
 * by ID, and the config is also listed in Configs as one that the engine itself reads. (docker/cli
 * cli/command/service/create.go setConfigs; docker/cli cli/command/service/update.go getUpdatedConfigs,
 * updateCredSpecConfig)
 */
async function setCredentialSpec(
  draft: ServiceSpec,
  requested: CredentialSpec | undefined,
  { lookup }: SpecContext,
): Promise<void> {
  const spec = container(draft);
  const name = requested?.Config ?? '';
  const others = (spec.Configs ?? []).filter(({ Runtime }) => Runtime === undefined);
  if (requested === undefined) {
    if (spec.Privileges) delete spec.Privileges.CredentialSpec;
    if (spec.Configs) spec.Configs = others;
    return;
  }
  let configId: string | undefined;
  if (name !== '') {
    configId = (await lookup.configs([name])).get(name) ?? '';
    const reference: ConfigReference = { Runtime: {}, ConfigID: configId, ConfigName: name };
    spec.Configs = [...others, reference];
  } else if (spec.Configs) spec.Configs = others;
  spec.Privileges = {
    ...spec.Privileges,
    CredentialSpec: configId === undefined ? requested : { ...requested, Config: configId },
  };
}

/** The file of a secret or a config. What is in it is never shown. */
function fileText({ Name = '', UID = '0', GID = '0', Mode = 0o444 }: Partial<FileTarget> = {}): string {
  return [
    `target=${Name}`,
    ...(UID === '0' ? [] : [`uid=${UID}`]),
    ...(GID === '0' ? [] : [`gid=${GID}`]),
    ...(Mode === 0o444 ? [] : [`mode=0${Mode.toString(8)}`]),
  ].join(',');
}

/** A config without a file is one that the engine reads as a credential spec. */
function configText({ ConfigName, File }: ConfigReference): [key: string, value: string] {
  return [ConfigName, File === undefined ? 'credential-spec' : fileText(File)];
}
