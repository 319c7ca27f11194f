/** eq, ne, lt, le, gt and ge. */
import { byBytes } from '../values/text.ts';
import type { Functions, GoFunction } from './functions.ts';
import { fail } from './functions.ts';
import { amount, bool, flag, isNil, text } from './go-types.ts';
import type { Maybe, Value } from './go-types.ts';
import { show } from './show.ts';

type Kind = 'string' | 'bool' | 'int' | 'float' | 'other';

/** Signed and unsigned numbers compare with each other, as Go's templates allow. */
function kindOf(given: Maybe): Kind {
  switch (given?.type.kind) {
    case 'int':
    case 'uint':
      return 'int';
    case 'string':
    case 'bool':
    case 'float':
      return given.type.kind;
    default:
      return 'other';
  }
}

/** Whether the first is equal to any of the others. */
function equal(first: Maybe, ...others: Maybe[]): boolean {
  if (others.length === 0) return fail('missing argument for comparison');
  return others.some((other) => isSame(first, other));
}

function isSame(a: Maybe, b: Maybe): boolean {
  const kind = kindOf(a);
  if (kind !== kindOf(b)) {
    return a !== undefined && b !== undefined ? fail('incompatible types for comparison') : false;
  }
  if (a === undefined || b === undefined) return isNothing(a) === isNothing(b);
  switch (kind) {
    case 'string':
      return text(a) === text(b);
    case 'bool':
      return flag(a) === flag(b);
    case 'int':
    case 'float':
      return amount(a) === amount(b);
    case 'other':
      return isSameOther(a, b);
  }
}

function isSameOther(a: Value, b: Value): boolean {
  if (isNil(a) || isNil(b)) return isNil(a) === isNil(b);
  const uncomparable = [a, b].find(({ type }) => type.kind === 'slice' || type.kind === 'map');
  if (uncomparable !== undefined) {
    return fail(`non-comparable type ${show(uncomparable)}: ${uncomparable.type.name}`);
  }
  return a.type.name === b.type.name && a.data === b.data;
}

const isNothing = (given: Maybe): boolean => given === undefined || isNil(given);

function isLess(a: Maybe, b: Maybe): boolean {
  const kind = kindOf(a);
  if (a === undefined || b === undefined || kind === 'other' || kindOf(b) === 'other') {
    return fail('invalid type for comparison');
  }
  if (kind !== kindOf(b)) return fail('incompatible types for comparison');
  if (kind === 'bool') return fail('invalid type for comparison');
  return kind === 'string' ? byBytes(text(a), text(b)) < 0 : amount(a) < amount(b);
}

const two = (test: (a: Maybe, b: Maybe) => boolean): GoFunction => ({
  params: ['any', 'any'],
  call: (a, b) => bool(test(a, b)),
});

export const COMPARISONS: Functions = {
  eq: { params: ['any', 'any'], variadic: true, call: (first, ...others) => bool(equal(first, ...others)) },
  ne: two((a, b) => !isSame(a, b)),
  lt: two(isLess),
  le: two((a, b) => isLess(a, b) || isSame(a, b)),
  gt: two((a, b) => !(isLess(a, b) || isSame(a, b))),
  ge: two((a, b) => !isLess(a, b)),
};
