/** eq, ne, lt, le, gt and ge. */
import { byBytes } from '../values/text.ts';
import { fail } from './error.ts';
import { amount, bool, isNil, takes, text } from './values.ts';
import type { Functions, GoFunction, Maybe, Value } from './values.ts';

/** What compares with what: signed and unsigned numbers do. */
const kindOf = (given: Maybe): string | undefined => (given?.type.kind === 'uint' ? 'int' : given?.type.kind);

/** What a value compares by. */
function basis(given: Value): unknown {
  const { kind, name } = given.type;
  if (kind === 'string') return text(given);
  if (['int', 'uint', 'float'].includes(kind)) return amount(given);
  if (['slice', 'map'].includes(kind) && !isNil(given)) return fail(`non-comparable type ${name}`);
  return given.data ?? (kind === 'bool' ? false : null);
}

function isSame(a: Maybe, b: Maybe): boolean {
  if (a === undefined || b === undefined) return [a, b].every((one) => one === undefined || isNil(one));
  if (kindOf(a) !== kindOf(b)) fail('incompatible types for comparison');
  return basis(a) === basis(b);
}

function isLess(a: Maybe, b: Maybe): boolean {
  if (kindOf(a) !== kindOf(b)) fail('incompatible types for comparison');
  const [left, right] = [a && basis(a), b && basis(b)];
  if (typeof left === 'string' && typeof right === 'string') return byBytes(left, right) < 0;
  if (typeof left === 'number' && typeof right === 'number') return left < right;
  return fail('invalid type for comparison');
}

const two = (test: (a: Maybe, b: Maybe) => boolean): GoFunction => takes(2, (a, b) => bool(test(a, b)));

export const COMPARISONS: Functions = {
  // Whether the first equals any of the others.
  eq: takes(
    1,
    (first, ...others) =>
      others.length === 0
        ? fail('missing argument for comparison')
        : bool(others.some((one) => isSame(first, one))),
    Infinity,
  ),
  ne: two((a, b) => !isSame(a, b)),
  lt: two(isLess),
  le: two((a, b) => isLess(a, b) || isSame(a, b)),
  gt: two((a, b) => isLess(b, a)),
  ge: two((a, b) => !isLess(a, b)),
};
