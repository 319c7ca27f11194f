/** Values as Go's fmt shows them (%v and Print), and as its JSON. */
import { IN_TEMPLATE, goJson } from '../values/go-json.ts';
import { goFloat } from '../values/go-number.ts';
import { byBytes } from '../values/text.ts';
import { amount, fieldValue, flag, indirect, isNil, items, record, text, value, whole } from './go-types.ts';
import type { Maybe, Value } from './go-types.ts';

/** What stands for the address of something that a nested pointer points to; Go's own differ at every run. */
const ADDRESS = '0xc000000000';

/** How far a value is spelled out: %v, %+v with the names of fields. */
export interface Manner {
  readonly fieldNames?: boolean;
}

/** A value as an action prints it: what a pointer points to, and `<no value>` for none. */
export function print(given: Maybe): string {
  return given === undefined ? '<no value>' : show(indirect(given));
}

/** %v. */
export function show(given: Maybe, manner: Manner = {}, depth = 0): string {
  if (given === undefined) return '<nil>';
  const { type, data } = given;
  if ('own' in type) return type.own.shows(given);
  const inner = (one: Value): string => show(one, manner, depth + 1);
  switch (type.kind) {
    case 'slice':
      return `[${items(given)
        .map((item) => inner(value(type.elem, item)))
        .join(' ')}]`;
    case 'map':
      return `map[${sortedKeys(given)
        .map((key) => `${key}:${inner(value(type.elem, record(data)[key]))}`)
        .join(' ')}]`;
    case 'pointer':
      if (isNil(given)) return '<nil>';
      if ('own' in type.elem) return inner(value(type.elem, data));
      return depth === 0 && ['struct', 'slice', 'map'].includes(type.elem.kind)
        ? `&${inner(value(type.elem, data))}`
        : ADDRESS;
    case 'struct': {
      const fields = type.fields.map((field) => {
        const shown = inner(fieldValue(field, data));
        return manner.fieldNames === true ? `${field.name}:${shown}` : shown;
      });
      return `{${fields.join(' ')}}`;
    }
    default:
      return showScalar(given);
  }
}

function showScalar(given: Value): string {
  const { type } = given;
  if (type.kind === 'bool') return String(flag(given));
  if (type.kind === 'string') return text(given);
  return type.kind === 'float' ? goFloat(amount(given)) : String(whole(given));
}

/** A map's keys in the order in which Go prints and ranges over them. */
export function sortedKeys({ data }: Value): string[] {
  return Object.keys(record(data)).sort(byBytes);
}

/** A value as the `json` function writes it: what the engine sent, and zero values for what it left out. */
export function toJson(given: Maybe): string {
  if (given === undefined) return 'null';
  const { type, data } = indirect(given);
  if ('own' in type && type.own.json !== undefined) return type.own.json(given);
  if (data !== undefined) return goJson(data, IN_TEMPLATE);
  switch (type.kind) {
    case 'string':
      return '""';
    case 'bool':
      return 'false';
    case 'int':
    case 'uint':
    case 'float':
      return '0';
    case 'struct':
      return '{}';
    default:
      return 'null';
  }
}
