/** `$` in what Compose prints and in what docker reads. Pure. */
import { isObject, parseExact, stringifyExact } from '../values/exact-json.ts';
import type { Tree } from './convert.ts';

/** The parts of a stack file that docker interpolates (docker/cli cli/compose/loader, interpolateConfig). Keys are left as they are. */
const INTERPOLATED = ['services', 'networks', 'volumes', 'configs', 'secrets'];

/**
 * Compose writes every `$` as `$$`, those of keys included.
 * @returns undefined if it does not: then nobody can tell which is meant
 */
export function withoutEscapes(printed: Tree): Tree | undefined {
  const text = stringifyExact(printed);
  if (/\$/.test(text.replaceAll('$$', ''))) return undefined;
  return parseExact(text.replaceAll('$$', '$')) as Tree;
}

/** Writes the values so that docker's interpolation gives them back. */
export function withEscapes(file: Tree): Tree {
  return Object.fromEntries(
    Object.entries(file).map(([key, value]) => [
      key,
      INTERPOLATED.includes(key) ? dollarsEscaped(value) : value,
    ]),
  );
}

function dollarsEscaped(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map(dollarsEscaped);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, dollarsEscaped(one)]));
}

/**
 * The JSON of a stack file, which is YAML, too. YAML takes no control characters as they are, and JSON writes some of them so
 * (YAML 1.2, production c-printable).
 */
export const stackFileText = (file: Tree): string =>
  stringifyExact(withEscapes(file)).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
