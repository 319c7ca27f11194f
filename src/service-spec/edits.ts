/**
 * Edits that many flags share. Each function takes a part of the draft (draft.ts) and the name of one of its
 * fields, and returns a SpecEdit: `setField(container, 'Dir')` stores the value of the flag in
 * ContainerSpec.Dir.
 */
import type { ServiceSpec } from '../api/service.ts';
import { byBytes, keyValues } from '../values/text.ts';
import type { SpecEdit, SpecContext } from './flag.ts';

/** Returns a part of the draft, and creates it if it is missing. */
type Part<P> = (draft: ServiceSpec, context: SpecContext) => P;

/** The fields that P declares, without those of its index signature. */
type DeclaredField<P> = keyof {
  [K in keyof P as string extends K ? never : number extends K ? never : K]: P[K];
};
/** The declared fields of P whose type is V. */
type FieldOf<P, V> = { [K in DeclaredField<P>]: NonNullable<P[K]> extends V ? K : never }[DeclaredField<P>];
type ListField<P> = FieldOf<P, string[]>;
type MapField<P> = FieldOf<P, Record<string, string>>;

/** Stores the value of the flag. */
export function setField<P extends object, K extends DeclaredField<P>>(
  part: Part<P>,
  field: K,
): SpecEdit<NonNullable<P[K]>> {
  return (draft, value, context) => {
    part(draft, context)[field] = value;
  };
}

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

/** Replaces a list by the values of the flag. */
export const replaceList = <P extends object>(part: Part<P>, field: ListField<P>): SpecEdit<string[]> =>
  editList(part, field, (_, texts) => texts);

/**
 * Adds the values to a list, and sorts it as docker does on update (docker/cli cli/command/service/update.go
 * updateGroups).
 */
export const addSorted = <P extends object>(part: Part<P>, field: ListField<P>): SpecEdit<string[]> =>
  editList(part, field, (before, texts) => [...before, ...texts].sort(byBytes));

/** Removes every occurrence of the values from a list, and sorts it as docker does on update. */
export const removeSorted = <P extends object>(part: Part<P>, field: ListField<P>): SpecEdit<string[]> =>
  editList(part, field, (before, texts) => before.filter((text) => !texts.includes(text)).sort(byBytes));

/** Sets keys of a map from `KEY=VALUE` texts. Other keys stay. */
export function setKeys<P extends object>(part: Part<P>, field: MapField<P>): SpecEdit<string[]> {
  return (draft, texts, context) => {
    const owner = part(draft, context) as Record<string, Record<string, string> | null | undefined>;
    owner[field as string] = { ...owner[field as string], ...keyValues(texts) };
  };
}

/** Removes keys from a map. A missing map stays missing. */
export function removeKeys<P extends object>(part: Part<P>, field: MapField<P>): SpecEdit<string[]> {
  return (draft, keys, context) => {
    const owner = part(draft, context) as Record<string, Record<string, string> | null | undefined>;
    const before = owner[field as string];
    if (before === undefined || before === null) return;
    owner[field as string] = Object.fromEntries(
      Object.entries(before).filter(([key]) => !keys.includes(key)),
    );
  };
}
