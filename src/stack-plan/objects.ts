/** What a deployment does with networks, secrets and configs. Pure. */
import type { StoredObject } from '../api/cluster.ts';
import { STACK_LABEL } from '../api/stack-labels.ts';
import type { ObjectKind } from '../engine/client.ts';
import type { HeldObject, ObjectSpec } from '../held-writes/held-writes.ts';
import type { Snapshot } from '../held-writes/snapshot.ts';
import { nameFaults } from '../service-spec/refused.ts';
import { networkDiffers, networkOfStack } from './networks.ts';
import {
  candidatesFor,
  contentSuffix,
  leftOvers,
  rotatedName,
  seenDifference,
  storedAs,
} from './rotation.ts';
import type { ContentDifference, ObjectReference } from './rotation.ts';
import { sameText } from './wanted-spec.ts';

export interface RotationOptions {
  readonly stack: string;
  /** Which configs and secrets are rotated: none, those whose name begins with that of the stack, or all. */
  readonly rotates: 'none' | 'own' | 'all';
  /** The end of the name of a new secret. */
  readonly randomSuffix: () => string;
}

/** A network, secret or config to create, or one whose labels change. */
export interface ObjectWrite {
  readonly of: ObjectKind;
  readonly name: string;
  readonly spec: ObjectSpec;
  /** The made-up id of one to create. */
  readonly madeUp: string;
  /** The one to change; absent: it is created. */
  readonly before?: StoredObject;
  /** It is created because what is stored has other content. */
  readonly isRotation?: boolean;
}

/** A config or secret whose content is another one than that which the services use. */
export interface Rotation {
  readonly of: 'secrets' | 'configs';
  /** The name in the Compose file. */
  readonly name: string;
  /** What the services refer to from now on. */
  readonly to: ObjectReference;
  /** Whether it is to be created; else it is stored already, from a deployment before. */
  readonly isNew: boolean;
  readonly reason: ContentDifference;
}

/** A secret of which only the engine knows whether it is stored. */
export interface SecretQuestion {
  /** The id of docker's write. */
  readonly id: string;
  /** The updates that change at most the labels. One that the engine takes has equal data. In the order of asking. */
  readonly updates: readonly (ObjectWrite & { readonly before: StoredObject })[];
}

/** The id of the stored secret that has the data of docker's write; undefined: none has it. By the ids of docker's writes. */
export type SecretAnswers = ReadonlyMap<string, string | undefined>;

export interface PlannedObjects {
  /** In docker's order. Without the updates of the questions that have no answer yet. */
  readonly objects: readonly ObjectWrite[];
  readonly rotations: readonly Rotation[];
  readonly questions: readonly SecretQuestion[];
  /** What the ids of docker's writes mean. */
  readonly references: ReadonlyMap<string, ObjectReference>;
  /** What can be removed when all services have converged, if nothing refers to it then. */
  readonly leftOver: readonly LeftOver[];
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
}

/** A stored config or secret that the Compose file does not mean any more. */
export interface LeftOver {
  readonly of: 'secrets' | 'configs';
  readonly object: StoredObject;
}

/** One secret or config of the Compose file. */
type PlannedObject = Partial<
  Pick<PlannedObjects, 'objects' | 'rotations' | 'questions' | 'refusals' | 'warnings'>
> & {
  readonly means?: ObjectReference;
};

/**
 * @param writes those that are wanted
 * @param answers without them, each secret counts as stored
 */
export function planObjects(
  writes: readonly HeldObject[],
  before: Snapshot,
  options: RotationOptions,
  answers: SecretAnswers,
): PlannedObjects {
  const references = new Map<string, ObjectReference>();
  const first = new Map<string, HeldObject>();
  const planned = writes.map((write): PlannedObject => {
    const { of, id, spec } = write;
    const { Name: name = '' } = spec;
    if (of === 'networks') return planNetwork(id, spec, before, options);
    // docker creates the object once, and updates it then.
    const twin = first.get(objectName({ of, name }));
    if (twin !== undefined) {
      references.set(id, references.get(twin.id) ?? { id: twin.id, name });
      return sameText(twin.spec, spec) ? {} : { refusals: [twice({ of, name })] };
    }
    first.set(objectName({ of, name }), write);
    const one = planObject({ of, id, spec }, before, options, answers);
    if (one.means !== undefined) references.set(id, one.means);
    return one;
  });
  const rotations = planned.flatMap((one) => one.rotations ?? []);
  const current = new Set([...references.values()].map(({ id }) => id));
  const leftOver = (['secrets', 'configs'] as const).flatMap((of) => {
    const rotated = new Set(rotations.flatMap((one) => (one.of === of ? [one.name] : [])));
    return leftOvers(before[of], options.stack, rotated, current).map((object) => ({ of, object }));
  });
  return {
    objects: planned.flatMap(({ objects = [] }) => objects),
    rotations,
    questions: planned.flatMap(({ questions = [] }) => questions),
    references,
    leftOver,
    refusals: planned.flatMap(({ refusals = [] }) => refusals),
    warnings: planned.flatMap(({ warnings = [] }) => warnings),
  };
}

function planNetwork(
  id: string,
  spec: ObjectSpec,
  { networks }: Snapshot,
  { stack }: RotationOptions,
): PlannedObject {
  const { Name: name = '' } = spec;
  const stored = networkOfStack(networks, name, stack);
  if (stored !== undefined) return { warnings: networkDiffers(spec, stored) };
  const isOfSwarm = (spec['Driver'] ?? 'overlay') === 'overlay';
  const refusals = isOfSwarm ? notNamed({ of: 'networks', name }, nameFaults(name)) : [];
  return { objects: [{ of: 'networks', name, spec, madeUp: id }], refusals };
}

function planObject(
  { of, id, spec }: Pick<HeldObject, 'id' | 'spec'> & Pick<Rotation, 'of'>,
  before: Snapshot,
  options: RotationOptions,
  answers: SecretAnswers,
): PlannedObject {
  const { Name: name = '' } = spec;
  const stored = before[of].find(({ ID }) => ID === id);
  const refusal = stored && foreign({ of, name }, stored, options.stack);
  if (refusal !== undefined) return { refusals: [refusal] };
  const candidates = candidatesFor(name, before[of], before.services, options.stack);
  const [newest] = candidates;
  if (newest === undefined) {
    const refusals = notNamed({ of, name }, nameFaults(name, OBJECT_NAME));
    return { objects: [{ of, name, spec, madeUp: id }], refusals };
  }
  const hasDriver = (spec['Driver'] ?? undefined) !== undefined;
  const isEmpty = !hasDriver && (spec['Data'] ?? '') === '';
  // The engine takes empty data for equal (swarmkit manager/controlapi/secret.go UpdateSecret; seen on 28.5).
  if (isEmpty)
    return {
      refusals: [`${objectName({ of, name })}: its file is empty, and the engine stores no empty one`],
    };
  const possible = candidates.filter((one) => seenDifference(of, spec, one) === undefined);
  // The data of a driver's secret is not here, and nobody compares it.
  const isAsked = of === 'secrets' && !hasDriver && possible.length > 0;
  const updates = possible.map((one) => {
    const itsName = one.Spec.Name ?? '';
    return { of, name: itsName, spec: storedAs(spec, itsName), madeUp: id, before: one };
  });
  const found =
    isAsked && answers.has(id) ? updates.find((one) => one.before.ID === answers.get(id)) : updates[0];
  const questions = isAsked ? [{ id, updates }] : [];
  const reason = seenDifference(of, spec, newest) ?? 'data';
  if (found !== undefined) {
    const means = { id: found.before.ID, name: found.name };
    // Without an answer, the question itself is to be sent.
    const isSent = (!isAsked || answers.has(id)) && isKnownToDiffer(found);
    // The first candidate is the one that is in use.
    const isOther = found.before !== newest;
    return {
      means,
      questions,
      objects: isSent ? [found] : [],
      rotations: isOther ? [{ of, name, to: means, isNew: false, reason }] : [],
    };
  }
  const to = rotatedName(spec, of === 'configs' ? contentSuffix(spec) : options.randomSuffix());
  const means = { id: `${id}-rotated`, name: to };
  return {
    means,
    questions,
    objects: [{ of, name: to, spec: storedAs(spec, to), madeUp: means.id, isRotation: true }],
    rotations: [{ of, name, to: means, isNew: true, reason }],
    refusals: notRotated({ of, name }, options),
  };
}

/** Whether a change of an object changes more than perhaps the data of a secret. */
export const isKnownToDiffer = ({ of, spec, before }: ObjectWrite): boolean =>
  (['Data', 'Labels', 'Templating'] as const).some(
    (field) => !(of === 'secrets' && field === 'Data') && !sameText(spec[field], before?.Spec[field]),
  );

/** Whether a secret or config that is sent is stored so already. (Only the engine can compare the data of a secret.) */
export const changesNothing = (object: ObjectWrite): boolean =>
  object.before !== undefined && !isKnownToDiffer(object);

const WORD: Readonly<Record<ObjectKind, 'network' | 'secret' | 'config'>> = {
  networks: 'network',
  secrets: 'secret',
  configs: 'config',
};

export const kindOf = ({ of }: Pick<ObjectWrite, 'of'>): (typeof WORD)[ObjectKind] => WORD[of];

/** "secret app_key". */
export const objectName = ({ of, name }: Pick<ObjectWrite, 'of' | 'name'>): string => `${WORD[of]} ${name}`;

/** The rule for the names of configs and secrets (swarmkit manager/controlapi/common.go validateConfigOrSecretAnnotations). */
const OBJECT_NAME = {
  max: 64,
  marks: '"-", "_" and "."',
  pattern: /^[a-z0-9](?:[-_.a-z0-9]*[a-z0-9])?$/i,
};

const notNamed = (object: Pick<ObjectWrite, 'of' | 'name'>, faults: readonly string[]): readonly string[] =>
  faults.map((fault) => `${objectName(object)}: ${fault}`);

const twice = (object: Pick<ObjectWrite, 'of' | 'name'>): string =>
  `${objectName(object)} is twice in the Compose file, with other content or labels: give one of them another name`;

/** docker takes a secret or config of the same name over, and writes its label on it. */
function foreign(
  object: Pick<ObjectWrite, 'of' | 'name'>,
  { Spec }: StoredObject,
  stack: string,
): string | undefined {
  const owner = Spec.Labels?.[STACK_LABEL];
  if (owner === stack) return undefined;
  const whose = owner === undefined ? 'belongs to no stack' : `belongs to the stack ${owner}`;
  return `${objectName(object)} ${whose}: declare it as external, or give it another name`;
}

/** Why other content is not stored under another name. docker begins the names of a stack with the stack's. */
function notRotated(
  { of, name }: Pick<Rotation, 'of' | 'name'>,
  { stack, rotates }: RotationOptions,
): readonly string[] {
  const problem = `${objectName({ of, name })}: its content differs from the stored one, which cannot be changed: give it another name in the Compose file`;
  if (rotates === 'none') return [`${problem}, or leave out --no-rotate`];
  if (rotates === 'all' || name.startsWith(`${stack}_`)) return [];
  return [`${problem}, or use --rotate-named, if nothing outside of the stack uses this name`];
}
