/** The differences between two specs, in the terms of the flags that make them. */
import type { ServiceSpec } from '../api/service.ts';
import { printableValue } from '../values/printable.ts';
import type { Difference } from './planned.ts';
import { jsonOf, storedForm } from './same.ts';
import { SPEC_FLAGS } from './build.ts';
import type { FlagText, Shown } from './shown.ts';

/** What describes a field of a spec, by its path. */
const SHOWN: ReadonlyMap<string, Shown & { readonly flag: string }> = new Map(
  SPEC_FLAGS.flatMap(({ name, shows = [] }) => shows.map((shown) => [shown.path, { ...shown, flag: name }])),
);

/**
 * Compares two specs.
 * @param before undefined if the service is new: then every field of `after` is new
 * @param networks the names of networks by ID; a network that is not in the map is shown by its ID
 * @returns in the order of `after`, then what only `before` has
 */
export function differences(
  before: ServiceSpec | undefined,
  after: ServiceSpec,
  networks: ReadonlyMap<string, string> = new Map(),
): Difference[] {
  const [old, now] = [before === undefined ? [] : parts(before), parts(after)];
  // The same to the engine is no difference: 0, null, empty texts and defaults are absent.
  const oldForm = before === undefined ? [] : parts(storedForm(before));
  const nowForm = parts(storedForm(after));
  // A part that has only defaults is empty, but not absent: the forms have it.
  const paths = new Set([...now, ...old, ...nowForm, ...oldForm].map(({ path }) => path));
  return [...paths].flatMap(pathDifferences).map(visible);

  function pathDifferences(path: string): Difference[] {
    if (text(valueAt(oldForm, path)) === text(valueAt(nowForm, path))) return [];
    const [was, is] = [valueAt(old, path), valueAt(now, path)];
    const shown = SHOWN.get(path);
    if (shown === undefined)
      return unnamed(path, was ?? valueAt(oldForm, path), is ?? valueAt(nowForm, path));
    const texts = (value: unknown) =>
      value === undefined ? [] : shown.describe(shown.flag, value as never, networks);
    const [wasTexts, isTexts] = [texts(was), texts(is)];
    const found = compared(wasTexts, isTexts);
    if (found.length > 0) return found;
    const [wasOrder, isOrder] = [orderOf(shown.flag, wasTexts), orderOf(shown.flag, isTexts)];
    if (wasOrder !== isOrder) return [{ field: `${shown.flag} order`, before: wasOrder, after: isOrder }];
    // A field that the flag's text does not show.
    return compared(was === undefined ? [] : [[path, text(was)]], is === undefined ? [] : [[path, text(is)]]);
  }

  /** A new service has empty parts that say nothing. In a change, the engine takes one for a difference. */
  function unnamed(path: string, was: unknown, is: unknown): Difference[] {
    if (before === undefined && text(is) === '{}') return [];
    const isFilled = (value: unknown, list: readonly Part[]) =>
      value === undefined && list.some((part) => part.path.startsWith(`${path}.`));
    if (isFilled(was, old) || isFilled(is, now)) return [];
    return compared(was === undefined ? [] : [[path, text(was)]], is === undefined ? [] : [[path, text(is)]]);
  }
}

/** A part of a spec: what flags describe as one, or a value that no flag has. */
interface Part {
  /** "TaskTemplate.ContainerSpec.Image" */
  readonly path: string;
  readonly value: unknown;
}

const valueAt = (list: readonly Part[], path: string): unknown =>
  list.find((part) => part.path === path)?.value;

/** The parts of a spec. To the engine, null, empty lists and empty maps are absent; any other empty object is a part of its own. */
function parts(value: unknown, path = ''): Part[] {
  if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) return [];
  if (SHOWN.has(path)) return text(value) === '{}' ? [] : [{ path, value }];
  if (typeof value !== 'object' || Array.isArray(value)) return [{ path, value }];
  const fields = Object.entries(value).flatMap(([key, field]) =>
    parts(field, path === '' ? key : `${path}.${key}`),
  );
  return fields.length === 0 ? [{ path, value: {} }] : fields;
}

/** Compares texts by their fields. Of several texts of one field (two constraints), only the different ones are told. */
function compared(before: readonly FlagText[], after: readonly FlagText[]): Difference[] {
  const fields = new Set([...after, ...before].map(([field]) => field));
  return [...fields].flatMap((field) => {
    const valuesOf = (list: readonly FlagText[]) =>
      list.filter(([name]) => name === field).map(([, value]) => value);
    const [was, is] = [valuesOf(before), valuesOf(after)];
    const removed = was.filter((value) => !is.includes(value));
    const added = is.filter((value) => !was.includes(value));
    return Array.from({ length: Math.max(removed.length, added.length) }, (_, index): Difference => {
      const [from, to] = [removed[index], added[index]];
      return {
        field,
        ...(from === undefined ? {} : { before: from }),
        ...(to === undefined ? {} : { after: to }),
      };
    });
  });
}

/** A difference with every character of its values shown: two values that differ do not look the same. */
function visible({ field, before, after }: Difference): Difference {
  const look = (value = ''): string => printableValue(value).trim();
  const isClear = before === undefined || after === undefined || look(before) !== look(after);
  const shown = (value: string): string =>
    isClear
      ? printableValue(value)
      : printableValue(value.replaceAll('\\', '\\\\')).replace(/^ | $/g, '\\x20');
  return {
    field: printableValue(field),
    ...(before === undefined ? {} : { before: shown(before) }),
    ...(after === undefined ? {} : { after: shown(after) }),
  };
}

/** What tells the items of a list apart: their keys, or their texts. Values that have a key are not shown: they may be secret. */
const orderOf = (flag: string, list: readonly FlagText[]): string =>
  list.map(([field, value]) => (field === flag ? value : field.slice(flag.length + 1))).join(', ');

/** A text as it is, undefined as an empty text, any other value as JSON. */
const text = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : jsonOf(value);
