/**
 * A docker in this process, for tests of `stack deploy`: it takes a compose file in JSON and asks the engine at --host for what the
 * real one would: a create or an update of each secret and config, a list of the services, with --prune the removals, then a create
 * or an update of each service. A secret or config is a spec; it may have a Name of its own, or be `external`. The services name
 * those of the file, and docker looks up their ids. With --resolve-image=always it looks up the images. `stack config` prints depends_on of the services, which is beside their specs.
 */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import type { ServiceSpec } from '../../../src/api/service.ts';
import type { ProgramStart, World } from '../../../src/world.ts';

const LABEL = 'com.docker.stack.namespace';

/** A compose file as this docker reads it: specs. */
export interface ComposeFile {
  readonly services: Readonly<Record<string, ServiceSpec>>;
  readonly secrets?: Readonly<Record<string, ComposeObject>>;
  readonly configs?: Readonly<Record<string, ComposeObject>>;
  readonly depends_on?: Readonly<Record<string, readonly string[]>>;
}

/** A secret or a config of a compose file. */
interface ComposeObject {
  readonly external?: boolean;
  readonly Name?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** What the engine has stored: a service, secret or config. */
interface Stored {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: { readonly Name: string };
}

/** It runs whatever the name of the program is. */
export const fakeDocker: World['spawn'] = async (start) => {
  try {
    await runDocker(start);
    return 0;
  } catch (error) {
    start.onErrors(`${(error as Error).message}\n`);
    return 1;
  }
};

async function runDocker({ argv, onOutput: print }: ProgramStart): Promise<void> {
  const valueOf = (flag: string): string =>
    argv.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1) ?? '';
  const file = JSON.parse(readFileSync(valueOf('--compose-file'), 'utf8')) as ComposeFile;
  if (argv.includes('config')) print(configOf(file));
  else {
    const socketPath = valueOf('--host').replace('unix://', '');
    const looksUp = argv.includes('--resolve-image=always');
    const headers = argv.includes('--with-registry-auth=true') ? { 'x-registry-auth': 'e30=' } : {};
    await deploy(
      file,
      argv.at(-1) ?? '',
      argv.includes('--prune=true'),
      engineAt(socketPath, headers),
      print,
      looksUp,
    );
  }
}

function configOf({ services, depends_on: order = {} }: ComposeFile): string {
  const lines = Object.keys(services).flatMap((name) => {
    const others = (order[name] ?? []).map((one) => `      - ${one}`);
    return [`  ${name}:`, ...(others.length === 0 ? [] : ['    depends_on:', ...others]), '    image: x'];
  });
  return `${['services:', ...lines].join('\n')}\n`;
}

/** Sends a request. Resolves with the JSON value of the reply. */
type Send = (method: string, path: string, body?: object) => Promise<unknown>;

const engineAt =
  (socketPath: string, headers: http.OutgoingHttpHeaders): Send =>
  async (method, path, body) => {
    const reply = await new Promise<http.IncomingMessage>((resolve, reject) => {
      http
        // As the docker program, it leaves no connection when it ends.
        .request({ socketPath, method, path, headers, agent: false }, resolve)
        .on('error', reject)
        .end(body === undefined ? undefined : JSON.stringify(body));
    });
    const text = await textOf(reply);
    const value: unknown = text === '' ? undefined : JSON.parse(text);
    if ((reply.statusCode ?? 0) < 300) return value;
    throw new Error(`Error response from daemon: ${(value as { message: string }).message}`);
  };

async function deploy(
  file: ComposeFile,
  stack: string,
  prunes: boolean,
  send: Send,
  print: (text: string) => void,
  looksUp: boolean,
): Promise<void> {
  for (const family of ['secrets', 'configs'] as const) {
    for (const [key, object] of Object.entries(file[family] ?? {})) {
      const { external, Name = `${stack}_${key}`, ...spec } = object;
      if (external === true) continue;
      const body = { ...spec, Name, Labels: { ...spec.Labels, [LABEL]: stack } };
      const now = (await send('GET', `/${family}/${Name}`).catch(() => undefined)) as Stored | undefined;
      if (now === undefined) await send('POST', `/${family}/create`, body);
      else await send('POST', `/${family}/${now.ID}/update?version=${now.Version.Index}`, body);
    }
  }
  const list = async (path: string, filter: object): Promise<readonly Stored[]> =>
    (await send('GET', `${path}?filters=${encodeURIComponent(JSON.stringify(filter))}`)) as Stored[];
  /** The references with the ids of what they name. */
  const found = async <T extends object>(
    family: 'secret' | 'config',
    references: readonly T[] | null | undefined,
    name: keyof T,
    id: string,
  ): Promise<readonly T[] | undefined> => {
    if (references === undefined || references === null) return undefined;
    const names = references.map((one) => String(one[name]));
    const all = await list(`/${family}s`, { name: Object.fromEntries(names.map((one) => [one, true])) });
    return references.map((one) => {
      const { ID } = all.find(({ Spec }) => Spec.Name === one[name]) ?? {};
      if (ID === undefined) throw new Error(`${family} not found: ${String(one[name])}`);
      return { ...one, [id]: ID };
    });
  };
  const stored = await list('/services', { label: { [`${LABEL}=${stack}`]: true } });
  const wanted = Object.entries(file.services).map(([name, spec]) => ({ ...spec, Name: `${stack}_${name}` }));
  for (const { ID, Spec } of prunes ? stored : []) {
    if (wanted.some(({ Name }) => Name === Spec.Name)) continue;
    print(`Removing service ${Spec.Name}\n`);
    await send('DELETE', `/services/${ID}`);
  }
  for (const spec of wanted) {
    const { ContainerSpec } = spec.TaskTemplate;
    if (looksUp) await send('GET', `/distribution/${ContainerSpec?.Image ?? ''}/json`).catch(() => undefined);
    const Secrets = await found('secret', ContainerSpec?.Secrets, 'SecretName', 'SecretID');
    const Configs = await found('config', ContainerSpec?.Configs, 'ConfigName', 'ConfigID');
    const TaskTemplate = { ...spec.TaskTemplate, ContainerSpec: { ...ContainerSpec, Secrets, Configs } };
    const body = { ...spec, TaskTemplate, Labels: { ...spec.Labels, [LABEL]: stack } };
    const now = stored.find(({ Spec }) => Spec.Name === spec.Name);
    print(`${now === undefined ? 'Creating' : 'Updating'} service ${spec.Name}\n`);
    if (now === undefined) await send('POST', '/services/create', body);
    else await send('POST', `/services/${now.ID}/update?version=${now.Version.Index}`, body);
  }
}
