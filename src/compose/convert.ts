/** Values as Compose prints them, in the forms that docker takes. Pure. */
import { isObject } from '../values/exact-json.ts';

/** "8080" → 8080. What is no number stays: docker refuses it. */
export const number = (value: unknown): unknown =>
  typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;

/** 0.5 → "0.5". */
export const text = (value: unknown): unknown => (typeof value === 'number' ? value.toString() : value);

/** The mode of a file: "0440" (newer Compose) or 288 (2.26) → 288. */
export const fileMode = (value: unknown): unknown =>
  typeof value === 'string' && /^[0-7]+$/.test(value) ? Number.parseInt(value, 8) : value;

/** ["db=10.0.0.2"] → ["db:10.0.0.2"]. docker before 25 knows no "=". */
export const extraHosts = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map((host: unknown) => (typeof host === 'string' ? host.replace(/^([^:=]+)=/, '$1:') : host))
    : value;

/** docker refuses a test beside `disable`. */
export const healthcheck = (value: unknown): unknown =>
  isObject(value) && value['disable'] === true ? { disable: true } : value;

export type Tree = Record<string, unknown>;

/** An object without a prototype: a file may use each name, `__proto__` too. */
export const newTree = (): Tree => Object.create(null) as Tree;
