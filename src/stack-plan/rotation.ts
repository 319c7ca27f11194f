/**
 * Rotation: the engine never changes the content of a stored config or secret, so other content is stored under another name, and the
 * services refer to that. Here is which stored object a name of the Compose file means, what a new one is called, how references are
 * rewritten, and which objects are left over. Pure.
 */
import { createHash } from 'node:crypto';
import type { StoredObject } from '../api/cluster.ts';
import type { Service, ServiceSpec, Task, TaskSpec } from '../api/service.ts';
import { STACK_LABEL } from '../api/stack-labels.ts';
import type { ObjectSpec } from '../held-writes/held-writes.ts';
import { sameText, textOf } from './wanted-spec.ts';

/** The label of a rotation. Its value is the name in the Compose file. */
const ROTATION_LABEL = 'swarmroll.of';

/** The engine takes no longer name (swarmkit manager/controlapi/common.go, validateConfigOrSecretAnnotations; seen on 28.5). */
const MAX_NAME = 64;
const SUFFIX = 8;

/** How a spec refers to a config or secret. */
export interface ObjectReference {
  /** The engine's id, or the made-up one of what is to be created. */
  readonly id: string;
  readonly name: string;
}

/** In what a stored object differs from the Compose file, as the file calls it. */
export type ContentDifference = 'data' | 'template_driver' | 'driver';

const ofFile = ({ Spec }: StoredObject): string | undefined => Spec.Labels?.[ROTATION_LABEL] ?? Spec.Name;
const createdAt = ({ CreatedAt }: StoredObject): number => Date.parse(String(CreatedAt));
const isOfStack = ({ Spec }: StoredObject | Service, stack: string): boolean =>
  Spec.Labels?.[STACK_LABEL] === stack;

/**
 * The stored objects of a stack that have been made for a name of the Compose file: the object of that name, and its rotations. First
 * those that a service of the stack uses, so that of two with equal content (two deployments at once) the used one stays; then the
 * newest.
 */
export function candidatesFor(
  name: string,
  stored: readonly StoredObject[],
  services: readonly Service[],
  stack: string,
): readonly StoredObject[] {
  const own = services.filter((one) => isOfStack(one, stack));
  const ids = new Set(own.flatMap(({ Spec }) => idsIn(Spec.TaskTemplate)));
  const used = ({ ID }: StoredObject): number => Number(ids.has(ID));
  return stored
    .filter((one) => isOfStack(one, stack) && ofFile(one) === name)
    .sort((a, b) => used(b) - used(a) || createdAt(b) - createdAt(a));
}

/** In what a stored object differs from the Compose file, as far as it can be seen: the engine shows no data of a secret. */
export function seenDifference(
  of: 'secrets' | 'configs',
  spec: ObjectSpec,
  { Spec }: Pick<StoredObject, 'Spec'>,
): ContentDifference | undefined {
  if (!sameText(spec['Driver'], Spec['Driver'])) return 'driver';
  if (!sameText(spec['Templating'], Spec['Templating'])) return 'template_driver';
  return of === 'configs' && !sameText(spec['Data'], Spec['Data']) ? 'data' : undefined;
}

/** The spec as it is to be stored in an object of the stack: with its name and, if that is a rotation, with the label. */
export function storedAs(spec: ObjectSpec, name: string): ObjectSpec {
  const { Name = '', Labels } = spec;
  return name === Name ? spec : { ...spec, Name: name, Labels: { ...Labels, [ROTATION_LABEL]: Name } };
}

/** The name of a new rotation. */
export function rotatedName({ Name = '' }: ObjectSpec, suffix: string): string {
  return `${Name.slice(0, MAX_NAME - SUFFIX - 1)}_${suffix}`;
}

/**
 * The suffix for the name of a config: the same content of the same name has the same one. Never for a secret: a hash in a name
 * would confirm a guess.
 */
export function contentSuffix({ Name, Data, Templating }: ObjectSpec): string {
  return createHash('sha256').update(textOf({ Name, Data, Templating })).digest('hex').slice(0, SUFFIX);
}

/** The spec with other references to configs and secrets. What the files are in the container stays. @param references by the ids */
export function withReferences(
  spec: ServiceSpec,
  references: ReadonlyMap<string, ObjectReference>,
): ServiceSpec {
  const draft = structuredClone(spec);
  const { Secrets, Configs, Privileges } = draft.TaskTemplate.ContainerSpec ?? {};
  for (const secret of Secrets ?? []) {
    const to = references.get(secret.SecretID ?? '');
    if (to !== undefined) Object.assign(secret, { SecretID: to.id, SecretName: to.name });
  }
  for (const config of Configs ?? []) {
    const to = references.get(config.ConfigID ?? '');
    if (to !== undefined) Object.assign(config, { ConfigID: to.id, ConfigName: to.name });
  }
  const credentials = Privileges?.CredentialSpec;
  const to = references.get(credentials?.Config ?? '');
  if (credentials && to !== undefined) credentials.Config = to.id;
  return draft;
}

/** The ids of the configs and secrets that a task template refers to. */
export function idsIn({ ContainerSpec }: TaskSpec): string[] {
  const { Secrets, Configs, Privileges } = ContainerSpec ?? {};
  return [
    ...(Secrets ?? []).map(({ SecretID = '' }) => SecretID),
    ...(Configs ?? []).map(({ ConfigID = '' }) => ConfigID),
    Privileges?.CredentialSpec?.Config ?? '',
  ].filter((id) => id !== '');
}

/**
 * The ids that somebody may still need: of the current and the previous spec of every service, and of every task that the engine
 * keeps. `rollback`, `rollback --to` and an undo need these.
 */
export function neededIds(services: readonly Service[], tasks: readonly Task[]): ReadonlySet<string> {
  const specs = services.flatMap(({ Spec, PreviousSpec }) => [Spec, PreviousSpec ?? []].flat());
  const templates = [...specs.map(({ TaskTemplate }) => TaskTemplate), ...tasks.map(({ Spec }) => Spec)];
  return new Set(templates.flatMap(idsIn));
}

/**
 * The stored objects of a stack that are rotations, or that have been rotated, and that the Compose file does not mean any more.
 * @param rotated the names in the Compose file that are rotated now
 * @param current the ids of what the Compose file means
 */
export function leftOvers(
  stored: readonly StoredObject[],
  stack: string,
  rotated: ReadonlySet<string>,
  current: ReadonlySet<string>,
): readonly StoredObject[] {
  const own = stored.filter((one) => isOfStack(one, stack));
  const names = new Set([...rotated, ...own.flatMap(({ Spec }) => Spec.Labels?.[ROTATION_LABEL] ?? [])]);
  return own.filter((one) => names.has(ofFile(one) ?? '') && !current.has(one.ID));
}
