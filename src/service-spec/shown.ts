/**
 * How the values of fields are shown in the terms of the flags that set them: in differences, dry runs and reports. Each flag says
 * it in its entry (SpecFlag.shows).
 */
import { goSize } from '../values/go-number.ts';
import { nearest } from '../values/integer.ts';
import { shellWord } from '../values/shell-words.ts';
import { splitOnce } from '../values/text.ts';

/** A flag, with its key if it has one ("env A"), and its value as on a command line. */
export type FlagText = readonly [field: string, value: string];

/**
 * The texts of a value.
 * @param value of the type that api/service.ts declares for the path
 * @param networks the names of networks by ID
 */
type Describe = (flag: string, value: never, networks: ReadonlyMap<string, string>) => readonly FlagText[];

/** A field of a spec, and what describes its value. */
export interface Shown {
  /** "TaskTemplate.ContainerSpec.Image" */
  readonly path: string;
  readonly describe: Describe;
}

export const shownBy = (path: string, describe: Describe): Shown => ({ path, describe });

/** A flag with one value. */
export const one = (path: string, write: (value: never) => string = String): Shown =>
  shownBy(path, (flag, value) => [[flag, write(value)]]);

/** A flag that is given once for each item of a list. */
export const each = (
  path: string,
  write: (item: never, networks: ReadonlyMap<string, string>) => string,
): Shown =>
  shownBy(path, (flag, list: readonly never[], networks) =>
    list.map((item) => [flag, write(item, networks)]),
  );

/** Texts that are values of one flag: --constraint. */
export const texts = (path: string): Shown => each(path, (text: string) => text);

/** A list whose items have a key: --ulimit. */
export const keyed = (path: string, write: (item: never) => readonly [key: string, value: string]): Shown =>
  shownBy(path, (flag, list: readonly never[]) =>
    list.map((item) => {
      const [key, value] = write(item);
      return [`${flag} ${key}`, value];
    }),
  );

/** `KEY=VALUE` texts: --env. */
export const entries = (path: string): Shown =>
  keyed(path, (text: string) => {
    const [key, value = ''] = splitOnce(text, '=');
    return [key, value];
  });

/** A map: --label. */
export const map = (path: string): Shown =>
  shownBy(path, (flag, value: Readonly<Record<string, string>>) =>
    Object.entries(value).map(([key, text]) => [`${flag} ${key}`, text]),
  );

export const asWords = (list: readonly string[]): string => list.map(shellWord).join(' ');
export const asSize = (bytes: number): string => (nearest(bytes) < 0 ? String(bytes) : goSize(bytes));
export const asCpus = (nano: number): string => String(nearest(nano) / 1e9);
