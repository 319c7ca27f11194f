/** Values as templates see them: plain JSON data, each with the Go type that docker decodes it into. */
import { byBytes } from '../values/text.ts';

/** Of kind `any` is what no table knows; there the data says what it is. */
export type GoType = { readonly name: string; readonly own?: Own | undefined } & (
  | { readonly kind: 'string' | 'bool' | 'int' | 'uint' | 'float' | 'any' }
  | { readonly kind: 'slice' | 'map' | 'pointer'; readonly elem: GoType }
  | { readonly kind: 'struct'; readonly fields: readonly Field[] }
);

/** A field of a struct; the fields of an embedded struct are also fields of the struct that it is in. */
export interface Field {
  readonly name: string;
  readonly type: GoType;
  readonly embedded: boolean;
}

/** What a type does in its own way. */
export interface Own {
  /** Its text: Go's String or Error method. */
  readonly shows: (given: Value) => string;
  /** Its JSON, where that is not simply its data. */
  readonly json?: (given: Value) => string;
  /** Its methods, as functions that take the value first. */
  readonly methods?: Functions;
}

/** Missing data is the type's zero value: nil for slices, maps and pointers. */
export interface Value {
  readonly type: GoType;
  readonly data: unknown;
}

/** A value, or none at all: what a missing key of a map gives, and `nil`. */
export type Maybe = Value | undefined;

/** Functions by name: how many arguments each takes, and what it does; that may throw TemplateError. */
export type Functions = Readonly<Record<string, GoFunction>>;
export interface GoFunction {
  readonly least: number;
  readonly most: number;
  readonly call: (...args: Maybe[]) => Maybe;
}

/** A function of so many arguments. */
export const takes = (least: number, call: GoFunction['call'], most = least): GoFunction => {
  return { least, most, call };
};

/** A method without arguments: what it gives is of that type. */
export const method = (type: GoType, call: (given: Value) => unknown): GoFunction =>
  takes(1, (given) => given && value(type, call(given)));

export const ANY: GoType = { kind: 'any', name: 'any' };
export const STRING: GoType = { kind: 'string', name: 'string' };
export const BOOL: GoType = { kind: 'bool', name: 'bool' };
export const INT: GoType = { kind: 'int', name: 'int' };
export const INT64: GoType = { kind: 'int', name: 'int64' };
export const UINT8: GoType = { kind: 'uint', name: 'uint8' };
export const FLOAT64: GoType = { kind: 'float', name: 'float64' };

export const listOf = (elem: GoType): GoType => ({ kind: 'slice', name: `[]${elem.name}`, elem });
export const mapOf = (elem: GoType): GoType => ({ kind: 'map', name: `map[string]${elem.name}`, elem });
export const pointerTo = (elem: GoType): GoType => ({ kind: 'pointer', name: `*${elem.name}`, elem });

export const value = (type: GoType, data: unknown): Value =>
  type.kind === 'any' ? { type: typeOfData(data), data } : { type, data };
export const string = (data: string): Value => ({ type: STRING, data });
export const bool = (data: boolean): Value => ({ type: BOOL, data });
export const int = (data: number): Value => ({ type: INT, data });

function typeOfData(data: unknown): GoType {
  if (typeof data === 'string') return STRING;
  if (typeof data === 'boolean') return BOOL;
  if (typeof data === 'bigint' || Number.isInteger(data)) return INT64;
  if (typeof data === 'number') return FLOAT64;
  if (Array.isArray(data)) return listOf(ANY);
  return data === undefined || data === null ? pointerTo(ANY) : mapOf(ANY);
}

/** The value of a struct's field; an embedded struct's data is that of the whole. */
export const fieldValue = ({ embedded, name, type }: Field, data: unknown): Value =>
  value(type, embedded ? data : entry(data, name));

/**
 * A field that the type has, its own or an embedded struct's, or else one that the data has; undefined where there is
 * none. Engines get fields before docker's types do, and docker 29 too looks for those in the engine's answer
 * (docker/cli, inspector.go tryRawInspectFallback).
 */
export function fieldOf({ type, data }: Value, name: string): Maybe {
  const fields = type.kind === 'struct' ? type.fields : [];
  const inner = fields.flatMap(({ type: lender, embedded }) =>
    embedded && lender.kind === 'struct' ? lender.fields : [],
  );
  const field = [...fields, ...inner].find((one) => one.name === name);
  if (field !== undefined) return fieldValue(field, data);
  const found = entry(data, name);
  return type.kind !== 'struct' || found === undefined ? undefined : value(ANY, found);
}

export const isNil = ({ type, data }: Value): boolean =>
  ['slice', 'map', 'pointer'].includes(type.kind) && (data === undefined || data === null);

/** What a pointer points to; other values, and nil pointers, as they are. */
export const indirect = (given: Value): Value =>
  given.type.kind === 'pointer' && !isNil(given) ? value(given.type.elem, given.data) : given;

export const text = ({ data }: Value): string => (typeof data === 'string' ? data : '');

/** A number; of a whole one that a double would round, the nearest. A float32 is widened as Go does. */
export function amount({ type, data }: Value): number {
  if (typeof data !== 'number' && typeof data !== 'bigint') return 0;
  return type.name === 'float32' ? Math.fround(Number(data)) : Number(data);
}

/** A whole number with every digit. */
export const whole = (given: Value): bigint =>
  typeof given.data === 'bigint' ? given.data : BigInt(Math.trunc(amount(given)));

export const items = ({ type, data }: Value): readonly Value[] =>
  type.kind === 'slice' && Array.isArray(data) ? data.map((item: unknown) => value(type.elem, item)) : [];

export const record = (data: unknown): Readonly<Record<string, unknown>> =>
  typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};

/** An entry of an object, and nothing of what every object of JavaScript has. */
export const entry = (data: unknown, key: string): unknown =>
  Object.hasOwn(record(data), key) ? record(data)[key] : undefined;

/** A map's entries in the order in which Go prints them and ranges over them. */
export const entries = ({ type, data }: Value): (readonly [key: Value, item: Value])[] =>
  Object.keys(record(data))
    .sort(byBytes)
    .map((key) => [string(key), value('elem' in type ? type.elem : ANY, entry(data, key))]);

/** Whether `if` takes it for true: neither zero, empty nor nil. */
export function isTrue(given: Maybe): boolean {
  if (given?.type.kind === 'struct') return true;
  if (given?.type.kind === 'slice' || given?.type.kind === 'map') {
    return Object.keys(record(given.data)).length > 0;
  }
  return given?.type.kind === 'pointer' ? !isNil(given) : Boolean(given?.data);
}
