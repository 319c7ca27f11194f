/** Runs a template's nodes over a value. */
import type { Branch, Node, Pipe } from './ast.ts';
import { quote } from './ast.ts';
import { TemplateError } from './error.ts';
import { evaluatePipe } from './evaluate.ts';
import type { Functions } from './functions.ts';
import { amount, indirect, int, isTrue, items, record, string, value } from './go-types.ts';
import type { Maybe } from './go-types.ts';
import type { Parsed } from './parse.ts';
import { print, sortedKeys } from './show.ts';

type Part = Parameters<typeof quote>[0];

/** Where a template is: what `$x` and the functions mean, and how to fail. */
export interface State {
  readonly functions: Functions;
  /** The innermost last. */
  readonly variables: { readonly name: string; value: Maybe }[];
  /** Says which part is being looked at. */
  readonly at: (part: Part) => void;
  /** Throws with the position and the text of that part. */
  readonly fail: (message: string) => never;
}

/** What ended a list of nodes early. */
type Jump = 'break' | 'continue' | undefined;

/** As deep as templates may call one another before it counts as endless. */
const DEEPEST = 1000;

/**
 * Writes the text that a template makes of a value.
 * @throws TemplateError with the position of what failed; what stands before it is written
 */
export function execute(
  template: Parsed,
  functions: Functions,
  data: Maybe,
  write: (text: string) => void,
): void {
  run(template.nodes, '', data, 0);

  function run(nodes: readonly Node[], name: string, dot: Maybe, depth: number): void {
    let part: Part | undefined;
    const state: State = {
      functions,
      variables: [{ name: '$', value: dot }],
      at: (next) => {
        part = next;
      },
      fail: (message) => {
        const [line, column] = positionOf(template.text, part?.at ?? 0);
        const where = part === undefined ? '' : quote(part);
        throw new TemplateError(
          `template: :${line}:${column}: executing ${JSON.stringify(name)} at <${where}>: ${message}`,
        );
      },
    };
    walk(nodes, dot);

    function walk(list: readonly Node[], current: Maybe): Jump {
      for (const node of list) {
        const jump = step(node, current);
        if (jump !== undefined) return jump;
      }
      return undefined;
    }

    function step(node: Node, current: Maybe): Jump {
      state.at(node);
      switch (node.kind) {
        case 'text':
          write(node.text);
          return undefined;
        case 'action': {
          const result = evaluatePipe(state, node.pipe, current);
          if (node.pipe.variables.length === 0) write(print(result));
          return undefined;
        }
        case 'break':
        case 'continue':
          return node.kind;
        case 'template': {
          const body = template.defined.get(node.name);
          if (body === undefined) return state.fail(`template ${JSON.stringify(node.name)} not defined`);
          if (depth >= DEEPEST) return state.fail('exceeded maximum template depth');
          run(body, node.name, node.pipe && evaluatePipe(state, node.pipe, current), depth + 1);
          return undefined;
        }
        default:
          return scoped(() => (node.kind === 'range' ? loop(node, current) : branch(node, current)));
      }
    }

    /** Variables declared inside are gone afterwards. */
    function scoped(inner: () => Jump): Jump {
      const visible = state.variables.length;
      const jump = inner();
      state.variables.length = visible;
      return jump;
    }

    function branch({ kind, pipe, body, otherwise }: Branch, current: Maybe): Jump {
      const result = evaluatePipe(state, pipe, current);
      if (isTrue(result)) return walk(body, kind === 'with' ? result : current);
      return walk(otherwise, current);
    }

    function loop({ pipe, body, otherwise }: Branch, current: Maybe): Jump {
      // Evaluated in a scope of its own: the pipe's variables are those of each turn.
      const given = evaluatePipe(state, { ...pipe, variables: [] }, current);
      const pairs = pairsOf(given) ?? state.fail(`range can't iterate over ${print(given)}`);
      if (pipe.variables.length > 1 && isCount(given)) {
        state.fail(`can't use ${print(given)} to iterate over more than one variable`);
      }
      if (pairs.length === 0) return walk(otherwise, current);
      for (const [key, item] of pairs) {
        const jump = scoped(() => {
          bind(pipe, key, item);
          return walk(body, item);
        });
        if (jump === 'break') break;
      }
      return undefined;
    }

    /** One variable of a range is the element, two are the index and the element. */
    function bind({ variables, assigns }: Pipe, key: Maybe, item: Maybe): void {
      const values = variables.length > 1 ? [key, item] : [item];
      for (const [index, variable] of variables.entries()) {
        if (assigns) assign(state, variable, values[index]);
        else state.variables.push({ name: variable, value: values[index] });
      }
    }
  }
}

/** Gives the innermost variable of that name a new value. */
export function assign({ variables, fail }: State, name: string, to: Maybe): void {
  const variable = variables.findLast((one) => one.name === name) ?? fail(`undefined variable: ${name}`);
  variable.value = to;
}

/** Whether a range counts up to it. */
function isCount(given: Maybe): boolean {
  const kind = given === undefined ? undefined : indirect(given).type.kind;
  return kind === 'int' || kind === 'uint';
}

/** What a range goes over: indexes or keys, and elements; undefined where there is nothing to go over. */
function pairsOf(given: Maybe): (readonly [Maybe, Maybe])[] | undefined {
  if (given === undefined) return [];
  const target = indirect(given);
  const { type, data } = target;
  switch (type.kind) {
    case 'slice':
      return items(target).map((item, index) => [int(index), value(type.elem, item)]);
    case 'map':
      return sortedKeys(target).map((key) => [string(key), value(type.elem, record(data)[key])]);
    case 'int':
    case 'uint':
      return Array.from({ length: Math.max(0, amount(target)) }, (_, index) => [
        int(index),
        value(type, index),
      ]);
    default:
      return undefined;
  }
}

/** Line (from 1) and column (from 0, in bytes) of an offset. */
function positionOf(text: string, at: number): readonly [line: number, column: number] {
  const lines = text.slice(0, at).split('\n');
  return [lines.length, Buffer.byteLength(lines.at(-1) ?? '')];
}
