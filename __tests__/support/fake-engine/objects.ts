/**
 * The configs and secrets of the fake engine that were created over the wire. Texts and statuses are those of engine 28.5
 * (swarmkit manager/controlapi/secret.go and config.go).
 */
import type { StoredObject } from '../../../src/api/cluster.ts';
import { EPOCH } from '../fake-clock.ts';
import type { Request, Store } from './engine.ts';
import type { Reply } from './faults.ts';

export type ObjectFamily = 'secrets' | 'configs';
export type Objects = Readonly<Record<ObjectFamily, StoredObject[]>>;

type Spec = StoredObject['Spec'] & { Data?: string };

const grpc = (status: number, code: string, message: string): Reply => ({
  status,
  body: { message: `rpc error: code = ${code} desc = ${message}` },
});

const notFound = (family: ObjectFamily, id: string): Reply => ({
  status: 404,
  body: { message: `${family.slice(0, -1)} ${id} not found` },
});

/** The objects as the engine shows them: no data of secrets. */
export const shownObjects = ({ objects }: Store, family: ObjectFamily): StoredObject[] =>
  objects[family].map((one) =>
    family === 'configs' ? one : { ...one, Spec: { ...one.Spec, Data: undefined } },
  );

export function createObject({ body }: Request, store: Store, family: ObjectFamily): Reply {
  const spec = body as Spec;
  const { Name = '', Data = '' } = spec;
  const word = family.slice(0, -1);
  if (Name.length > 64)
    return grpc(
      400,
      'InvalidArgument',
      'invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]',
    );
  if (Data === '' && spec['Driver'] === undefined)
    return grpc(400, 'InvalidArgument', `${word} data must be larger than 0`);
  const all = store.objects[family];
  if (all.some((one) => one.Spec.Name === Name))
    return grpc(409, 'AlreadyExists', `${word} ${Name} already exists`);
  const ID = `${word}${store.nextNumber().toString().padStart(19, '0')}`;
  const time = new Date(EPOCH + store.clock.now()).toISOString();
  all.push({ ID, Version: { Index: 10 }, CreatedAt: time, UpdatedAt: time, Spec: spec });
  return { status: 201, body: { ID } };
}

export function updateObject(
  { body, query }: Request,
  store: Store,
  family: ObjectFamily,
  id: string,
): Reply {
  const all = store.objects[family];
  const index = all.findIndex(({ ID }) => ID === id);
  const stored = all[index];
  if (stored === undefined) return notFound(family, id);
  const { Name, Data = '', Labels } = body as Spec;
  if (Name !== stored.Spec.Name || (Data !== '' && Data !== stored.Spec['Data']))
    return grpc(400, 'InvalidArgument', 'only updates to Labels are allowed');
  if (Number(query.get('version')) !== stored.Version.Index)
    return grpc(500, 'Unknown', 'update out of sequence');
  all[index] = {
    ...stored,
    Version: { Index: stored.Version.Index + 1 },
    Spec: { ...stored.Spec, Labels: Labels ?? {} },
  };
  return { status: 200 };
}

export function removeObject(_: Request, store: Store, family: ObjectFamily, id: string): Reply {
  const all = store.objects[family];
  const index = all.findIndex(({ ID }) => ID === id);
  const word = family.slice(0, -1);
  if (index === -1) return notFound(family, id);
  const users = store.services().filter(({ Spec }) => JSON.stringify(Spec.TaskTemplate).includes(id));
  if (users.length > 0)
    return grpc(
      400,
      'InvalidArgument',
      `${word} '${all[index]?.Spec.Name ?? ''}' is in use by the following service: ${users[0]?.Spec.Name ?? ''}`,
    );
  all.splice(index, 1);
  return { status: 204 };
}
