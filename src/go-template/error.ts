import type { Maybe } from './values.ts';

/** A template that can't be read, or that failed on what it was given. The message is one line and says where. */
export class TemplateError extends Error {}

/** A template that Go can read and this folder cannot. */
export class UnreadError extends TemplateError {}

/** An argument of a function has the wrong type. */
export class ArgumentError extends TemplateError {
  readonly argument: Maybe;
  constructor(message: string, argument: Maybe) {
    super(message);
    this.argument = argument;
  }
}

export function fail(message: string): never {
  throw new TemplateError(message);
}

/** "LINE:COLUMN" of an offset in a template's text; lines count from 1 and columns, in bytes, from 0, as in Go's errors. */
export function positionOf(text: string, at: number): string {
  const lines = text.slice(0, at).split('\n');
  return `${lines.length}:${Buffer.byteLength(lines.at(-1) ?? '')}`;
}

/** Fails with the line of an offset: for a template that can't be read. */
export function failAt(text: string, at: number, message: string, Failure = TemplateError): never {
  throw new Failure(`template: :${positionOf(text, at).split(':')[0] ?? ''}: ${message}`);
}
