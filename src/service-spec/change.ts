/**
 * The changes that many flags have in common. Each names a part of the draft (draft.ts) and one of its fields:
 * `assign(container, 'Dir')` is the change that stores a flag's value there.
 */
import type { ServiceSpec } from '../api/service.ts';
import { byBytes, keyValues } from '../values/text.ts';
import type { Change, SpecContext } from './flag.ts';

type Part<P> = (draft: ServiceSpec, context: SpecContext) => P;

/** The declared fields of an open object. */
type Known<P> = keyof {
  [K in keyof P as string extends K ? never : number extends K ? never : K]: P[K];
};
/** Those of them whose value is a V. */
type FieldOf<P, V> = { [K in Known<P>]: NonNullable<P[K]> extends V ? K : never }[Known<P>];
type ListField<P> = FieldOf<P, string[]>;
type MapField<P> = FieldOf<P, Record<string, string>>;

/** Stores the value. */
export function assign<P extends object, K extends Known<P>>(
  part: Part<P>,
  field: K,
): Change<NonNullable<P[K]>> {
  return (draft, value, context) => {
    part(draft, context)[field] = value;
  };
}

/** Replaces a list by what `edit` makes of it. */
export function editList<P extends object>(
  part: Part<P>,
  field: ListField<P>,
  edit: (before: readonly string[], texts: readonly string[]) => readonly string[],
): Change<string[]> {
  return (draft, texts, context) => {
    const owner = part(draft, context) as Record<string, string[] | null | undefined>;
    const name = field as string;
    owner[name] = [...edit(owner[name] ?? [], texts)];
  };
}

/** Replaces a list by the texts. */
export const replaceList = <P extends object>(part: Part<P>, field: ListField<P>): Change<string[]> =>
  editList(part, field, (_, texts) => texts);

/** Adds to a list that docker keeps sorted on update. */
export const addSorted = <P extends object>(part: Part<P>, field: ListField<P>): Change<string[]> =>
  editList(part, field, (before, texts) => [...before, ...texts].sort(byBytes));

/** Takes every occurrence out of a list that docker keeps sorted on update. */
export const removeSorted = <P extends object>(part: Part<P>, field: ListField<P>): Change<string[]> =>
  editList(part, field, (before, texts) => before.filter((text) => !texts.includes(text)).sort(byBytes));

/** Sets the keys of a map from `KEY=VALUE` texts. */
export function setKeys<P extends object>(part: Part<P>, field: MapField<P>): Change<string[]> {
  return (draft, texts, context) => {
    const owner = part(draft, context) as Record<string, Record<string, string> | null | undefined>;
    owner[field as string] = { ...owner[field as string], ...keyValues(texts) };
  };
}

/** Takes keys out of a map, where there is one. */
export function removeKeys<P extends object>(part: Part<P>, field: MapField<P>): Change<string[]> {
  return (draft, keys, context) => {
    const owner = part(draft, context) as Record<string, Record<string, string> | null | undefined>;
    const before = owner[field as string];
    if (before === undefined || before === null) return;
    owner[field as string] = Object.fromEntries(
      Object.entries(before).filter(([key]) => !keys.includes(key)),
    );
  };
}
