/**
 * What many flags share: how they edit a field, and how they show it. Each function takes a part of the draft (draft.ts) and the
 * name of one of its fields, and returns a SpecEdit, or the keys of a flag's entry that have to do with the field:
 * `...storesIn(container, 'Dir')` stores the value of the flag in ContainerSpec.Dir, and shows it.
 */
import type { ServiceSpec } from '../api/service.ts';
import { byBytes, keyValues } from '../values/text.ts';
import type { SpecEdit, SpecContext } from './flag.ts';
import { map, one, texts } from './shown.ts';

/** Returns a part of the draft, and creates it if it is missing. */
type Part<P> = ((draft: ServiceSpec, context: SpecContext) => P) & { readonly path: string };

/** The fields that P declares, without those of its index signature. */
type DeclaredField<P> = keyof {
  [K in keyof P as string extends K ? never : number extends K ? never : K]: P[K];
};
/** The declared fields of P whose type is V. */
type FieldOf<P, V> = { [K in DeclaredField<P>]: NonNullable<P[K]> extends V ? K : never }[DeclaredField<P>];
type ListField<P> = FieldOf<P, string[]>;
type MapField<P> = FieldOf<P, Record<string, string>>;

const fieldPath = ({ path }: { readonly path: string }, field: string): string =>
  path === '' ? field : `${path}.${field}`;

/** Stores the value of the flag. */
export function setField<P extends object, K extends DeclaredField<P>>(
  part: Part<P>,
  field: K,
): SpecEdit<NonNullable<P[K]>> {
  return (draft, value, context) => {
    part(draft, context)[field] = value;
  };
}

/**
 * The field that a flag with one value sets.
 * @param write the value as on a command line. Absent: String
 */
export const storesIn = <P extends object, K extends DeclaredField<P> & string>(
  part: Part<P>,
  field: K,
  write?: (value: NonNullable<P[K]>) => string,
) => ({ shows: [one(fieldPath(part, field), write)], edit: setField(part, field) });

/** Replaces a list by the result of `edit`. A missing list counts as empty. */
export function editList<P extends object>(
  part: Part<P>,
  field: ListField<P>,
  edit: (before: readonly string[], texts: readonly string[]) => readonly string[],
): SpecEdit<string[]> {
  return (draft, texts, context) => {
    const owner = part(draft, context) as Record<string, string[] | null | undefined>;
    const name = field as string;
    owner[name] = [...edit(owner[name] ?? [], texts)];
  };
}

/** For `listFlags` (flag.ts): a list that the flag X replaces. */
export const listIn = <P extends object>(part: Part<P>, field: ListField<P> & string) => ({
  shows: [texts(fieldPath(part, field))],
  set: editList(part, field, (_, given) => given),
});

/**
 * A list that the flags X-add and X-rm sort, as docker does on update (docker/cli cli/command/service/update.go updateGroups).
 * X-rm removes every occurrence.
 */
export const sortedListIn = <P extends object>(part: Part<P>, field: ListField<P> & string) => ({
  ...listIn(part, field),
  add: editList(part, field, (before, added) => [...before, ...added].sort(byBytes)),
  rm: editList(part, field, (before, removed) =>
    before.filter((text) => !removed.includes(text)).sort(byBytes),
  ),
});

/** A map whose keys the flags X and X-add set, from `KEY=VALUE` texts, and X-rm removes. Other keys stay. */
export const mapIn = <P extends object>(part: Part<P>, field: MapField<P> & string) => ({
  shows: [map(fieldPath(part, field))],
  set: setKeys(part, field),
  add: setKeys(part, field),
  rm: removeKeys(part, field),
});

function setKeys<P extends object>(part: Part<P>, field: MapField<P>): SpecEdit<string[]> {
  return (draft, texts, context) => {
    const owner = part(draft, context) as Record<string, Record<string, string> | null | undefined>;
    owner[field as string] = { ...owner[field as string], ...keyValues(texts) };
  };
}

/** A missing map stays missing. */
function removeKeys<P extends object>(part: Part<P>, field: MapField<P>): SpecEdit<string[]> {
  return (draft, keys, context) => {
    const owner = part(draft, context) as Record<string, Record<string, string> | null | undefined>;
    const before = owner[field as string];
    if (before === undefined || before === null) return;
    owner[field as string] = Object.fromEntries(
      Object.entries(before).filter(([key]) => !keys.includes(key)),
    );
  };
}
