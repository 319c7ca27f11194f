/** Go's types, as far as templates tell them apart, over plain JSON data. */

export interface Scalar {
  readonly kind: 'string' | 'bool' | 'int' | 'uint' | 'float';
  readonly name: string;
  readonly own?: Own;
}

/** What a type does in its own way. */
export interface Own {
  /** How fmt shows it: its String method. */
  readonly shows: (given: Value) => string;
  /** Its JSON, where that is not simply its data. */
  readonly json?: (given: Value) => string;
  readonly methods: Methods;
}

export interface Field {
  readonly name: string;
  /** The field's name in JSON. */
  readonly key: string;
  readonly type: GoType;
  /** True where the fields of its struct are also fields of this one. */
  readonly embedded: boolean;
}

export interface Struct {
  readonly kind: 'struct';
  readonly name: string;
  readonly fields: readonly Field[];
  readonly own?: Own;
}

export type GoType =
  | Scalar
  | Struct
  | { readonly kind: 'slice' | 'map' | 'pointer'; readonly name: string; readonly elem: GoType };

/** Methods by name. */
export type Methods = Readonly<Record<string, Method>>;
export interface Method {
  /** How many texts it takes. */
  readonly takes: 0 | 1;
  readonly call: (given: Value, text: string) => Value;
}

/** A value of a type. Missing data is the type's zero value: nil for slices, maps and pointers. */
export interface Value {
  readonly type: GoType;
  readonly data: unknown;
}

/** A value, or none at all: what a missing key of a map gives, and `nil`. */
export type Maybe = Value | undefined;

const scalar = (kind: Scalar['kind'], name: string): Scalar => ({ kind, name });

export const STRING = scalar('string', 'string');
export const BOOL = scalar('bool', 'bool');
export const INT = scalar('int', 'int');
export const INT64 = scalar('int', 'int64');
export const UINT8 = scalar('uint', 'uint8');
export const UINT32 = scalar('uint', 'uint32');
export const UINT64 = scalar('uint', 'uint64');
export const FLOAT64 = scalar('float', 'float64');
export const FLOAT32 = scalar('float', 'float32');

export const listOf = (elem: GoType): GoType => ({ kind: 'slice', name: `[]${elem.name}`, elem });
export const mapOf = (elem: GoType): GoType => ({ kind: 'map', name: `map[string]${elem.name}`, elem });
export const pointerTo = (elem: GoType): GoType => ({ kind: 'pointer', name: `*${elem.name}`, elem });
/** A string type with a name of its own; Go does not take one for a plain string. */
export const named = (name: string): Scalar => scalar('string', name);

export const STRINGS = listOf(STRING);
export const STRING_MAP = mapOf(STRING);

/** A struct of fields by name; a field may also say its name in JSON. */
export function struct(
  name: string,
  fields: Readonly<Record<string, GoType | { readonly key: string; readonly type: GoType }>>,
  { embedded = {}, own }: { readonly embedded?: Readonly<Record<string, Struct>>; readonly own?: Own } = {},
): Struct {
  return {
    kind: 'struct',
    name,
    ...(own === undefined ? {} : { own }),
    fields: [
      ...Object.entries(embedded).map(([field, type]) => ({ name: field, key: '', type, embedded: true })),
      ...Object.entries(fields).map(([field, type]) =>
        'kind' in type
          ? { name: field, key: field, type, embedded: false }
          : { name: field, key: type.key, type: type.type, embedded: false },
      ),
    ],
  };
}

export const value = (type: GoType, data: unknown): Value => ({ type, data });
export const string = (data: string): Value => value(STRING, data);
export const bool = (data: boolean): Value => value(BOOL, data);
export const int = (data: number): Value => value(INT, data);

/** A field of a struct's data, its own or one that an embedded struct lends; undefined where it has none. */
export function fieldOf(type: Struct, data: unknown, name: string): Maybe {
  const own = type.fields.find((field) => field.name === name);
  if (own !== undefined) return fieldValue(own, data);
  for (const { type: inner, embedded } of type.fields) {
    if (!embedded || inner.kind !== 'struct') continue;
    const found = fieldOf(inner, data, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The value of a field; an embedded struct's data is that of the whole. */
export function fieldValue({ embedded, key, type }: Field, data: unknown): Value {
  return value(type, embedded ? data : record(data)[key]);
}

export function isNil({ type, data }: Value): boolean {
  return ['slice', 'map', 'pointer'].includes(type.kind) && (data === undefined || data === null);
}

/** What a pointer points to; other values, and nil pointers, as they are. */
export function indirect(given: Value): Value {
  const { type, data } = given;
  return type.kind === 'pointer' && !isNil(given) ? indirect(value(type.elem, data)) : given;
}

export const text = ({ data }: Value): string => (typeof data === 'string' ? data : '');
/** A number; of a whole one that a double would round, the nearest. */
export const amount = ({ data }: Value): number =>
  typeof data === 'number' || typeof data === 'bigint' ? Number(data) : 0;
/** A whole number with every digit. */
export const whole = (given: Value): bigint =>
  typeof given.data === 'bigint' ? given.data : BigInt(Math.trunc(amount(given)));
export const flag = ({ data }: Value): boolean => data === true;
export const items = ({ data }: Value): readonly unknown[] =>
  Array.isArray(data) ? (data as unknown[]) : [];
export const record = (data: unknown): Readonly<Record<string, unknown>> =>
  typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
/** An entry of a map, and nothing of what every object of JavaScript has. */
export const entry = (data: unknown, key: string): unknown =>
  Object.hasOwn(record(data), key) ? record(data)[key] : undefined;

/** Whether `if` takes it for true: neither zero, empty nor nil. */
export function isTrue(given: Maybe): boolean {
  if (given === undefined) return false;
  switch (given.type.kind) {
    case 'string':
      return text(given) !== '';
    case 'bool':
      return flag(given);
    case 'int':
    case 'uint':
    case 'float':
      return amount(given) !== 0;
    case 'slice':
      return items(given).length > 0;
    case 'map':
      return Object.keys(record(given.data)).length > 0;
    case 'pointer':
      return !isNil(given);
    case 'struct':
      return true;
  }
}
