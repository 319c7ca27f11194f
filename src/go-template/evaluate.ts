/** Runs a template's nodes over a value. */
import { ArgumentError, TemplateError, fail, positionOf } from './error.ts';
import type { Branch, Command, Node, Operand, Pipe, Place } from './parse.ts';
import { printed, show } from './printf.ts';
import { amount, entries, entry, fieldOf, indirect, int, isTrue, items, takes, value } from './values.ts';
import type { Functions, GoFunction, Maybe } from './values.ts';

/** What nodes run with. */
interface Run {
  /** The template's text, for errors. */
  readonly text: string;
  readonly functions: Functions;
  /** Whether a key that a map does not have is an error. */
  readonly needsKeys: boolean;
  readonly write: (text: string) => void;
  /** The innermost last. */
  readonly variables: { readonly name: string; value: Maybe }[];
  readonly dot: Maybe;
  /** What is evaluated, for errors. Shared by all parts of a run. */
  readonly current: { place: Place };
}

/** What ended a list of nodes early. */
type Jump = 'break' | 'continue' | undefined;

/**
 * Writes the text that nodes make of the dot.
 * @throws TemplateError with the action that failed and its position; what stands before it is written
 */
export function runNodes(run: Run, nodes: readonly Node[]): Jump {
  for (const node of nodes) {
    const jump = runNode(run, node);
    if (jump !== undefined) return jump;
  }
  return undefined;
}

function runNode(run: Run, node: Node): Jump {
  switch (node.kind) {
    case 'text':
      run.write(node.text);
      return undefined;
    case 'action': {
      const result = evaluateAction(run, node.pipe);
      if (node.pipe.variables.length === 0) run.write(printed(result));
      return undefined;
    }
    case 'break':
    case 'continue':
      return node.kind;
    default: {
      // Variables that are declared inside are gone afterwards.
      const visible = run.variables.length;
      const jump = node.kind === 'range' ? runRange(run, node) : runBranch(run, node);
      run.variables.length = visible;
      return jump;
    }
  }
}

/** Evaluates a whole action; an error says which one failed and where it stands. */
function evaluateAction(run: Run, pipe: Pipe): Maybe {
  try {
    return evaluatePipe(run, pipe);
  } catch (error) {
    if (error instanceof TemplateError) failIn(run, error.message);
    throw error;
  }
}

/** Fails as Go does, with what was evaluated last. Templates have no name here, hence `executing ""`. */
const failIn = ({ text, current: { place } }: Run, message: string): never =>
  fail(`template: :${positionOf(text, place.at)}: executing "" at <${sourceOf(text, place)}>: ${message}`);

const sourceOf = (text: string, { start, end }: Place): string => text.slice(start, end).replace(/\s+/g, ' ');

function runBranch(run: Run, { kind, pipe, body, otherwise }: Branch): Jump {
  const result = evaluateAction(run, pipe);
  if (!isTrue(result)) return runNodes(run, otherwise);
  return runNodes(kind === 'with' ? { ...run, dot: result } : run, body);
}

function runRange(run: Run, { pipe, body, otherwise }: Branch): Jump {
  // The pipe's variables are set at each pass.
  const given = evaluateAction(run, { ...pipe, variables: [] });
  const pairs = pairsOf(given) ?? failIn(run, `range can't iterate over ${show(given)}`);
  if (pairs.length === 0) return runNodes(run, otherwise);
  const visible = run.variables.length;
  for (const [key, item] of pairs) {
    run.variables.length = visible;
    setVariables(run, pipe, pipe.variables.length > 1 ? [key, item] : [item]);
    if (runNodes({ ...run, dot: item }, body) === 'break') break;
  }
  return undefined;
}

/** What a range goes over: indexes or keys, and elements; undefined where there is nothing to go over. */
function pairsOf(given: Maybe): (readonly [key: Maybe, item: Maybe])[] | undefined {
  if (given === undefined) return [];
  const target = indirect(given);
  const { type } = target;
  switch (type.kind) {
    case 'slice':
      return items(target).map((item, index) => [int(index), item]);
    case 'map':
      return entries(target);
    case 'int':
    case 'uint':
      // A list of more would take all memory.
      if (amount(target) > 1e6) return undefined;
      return Array.from({ length: amount(target) }, (_, index) => [int(index), value(type, index)]);
    default:
      return undefined;
  }
}

function setVariables({ variables }: Run, pipe: Pipe, values: readonly Maybe[]): void {
  for (const [index, name] of pipe.variables.entries()) {
    const known = pipe.assigns ? variables.findLast((one) => one.name === name) : undefined;
    if (known === undefined) variables.push({ name, value: values[index] });
    else known.value = values[index];
  }
}

/** The value of a pipeline; its variables are set on the way. */
function evaluatePipe(run: Run, pipe: Pipe): Maybe {
  run.current.place = pipe;
  let result: Maybe;
  for (const [index, command] of pipe.commands.entries()) {
    // What a command gives is the last argument of the next.
    result = evaluateCommand(run, command, index === 0 ? [] : [result]);
  }
  setVariables(run, pipe, [result]);
  return result;
}

function evaluateCommand(run: Run, command: Command, piped: readonly Maybe[]): Maybe {
  const [first, ...words] = command;
  switch (first.kind) {
    case 'function': {
      run.current.place = first;
      const called = run.functions[first.name] ?? fail(`function ${JSON.stringify(first.name)} not defined`);
      checkCount(first.name, called, words.length + piped.length);
      return invoke(run, command, first.name, called, [...evaluateWords(run, command), ...piped]);
    }
    case 'path': {
      // Only the last name can be a method that takes arguments.
      const base = evaluate(run, first.base);
      if (first.base.kind !== 'pipe') run.current.place = first;
      const receiver = first.names
        .slice(0, -1)
        .reduce<Maybe>((from, name) => evaluateField(run, [first], from, name, []), base);
      return evaluateField(run, command, receiver, first.names.at(-1) ?? '', piped);
    }
    default:
      if (first.kind !== 'pipe') run.current.place = first;
      if (words.length + piped.length > 0) fail("can't give argument to non-function");
      return evaluate(run, first);
  }
}

/** The values of a command's arguments. `and` and `or` evaluate none after the one that decides. */
function evaluateWords(run: Run, [called, ...words]: Command): readonly Maybe[] {
  const name = called.kind === 'function' ? called.name : '';
  const args: Maybe[] = [];
  for (const word of words) {
    const arg = evaluate(run, word);
    args.push(arg);
    if ((name === 'or' && isTrue(arg)) || (name === 'and' && !isTrue(arg))) break;
  }
  return args;
}

/** The value of an operand that gets no arguments. */
function evaluate(run: Run, operand: Operand): Maybe {
  if (operand.kind !== 'path') run.current.place = operand;
  switch (operand.kind) {
    case 'dot':
      return run.dot;
    case 'literal':
      return operand.value;
    case 'variable':
      return run.variables.findLast(({ name }) => name === operand.name)?.value;
    case 'pipe':
      return evaluatePipe(run, operand);
    default:
      return evaluateCommand(run, [operand], []);
  }
}

/** The value of a field, or of a method. @param command which has the arguments of the method after its first word */
function evaluateField(
  run: Run,
  command: Command,
  receiver: Maybe,
  name: string,
  piped: readonly Maybe[],
): Maybe {
  if (receiver === undefined) return undefined;
  const target = indirect(receiver);
  const { type, data } = target;
  const methods = type.own?.methods;
  const method = methods !== undefined && Object.hasOwn(methods, name) ? methods[name] : undefined;
  const count = command.length - 1 + piped.length;
  if (method !== undefined) {
    const { least, call, most } = method;
    // The value itself is the first argument of the function.
    const bound = takes(least - 1, (...args) => call(target, ...args), most - 1);
    checkCount(name, bound, count);
    return invoke(run, command, name, bound, [...evaluateWords(run, command), ...piped]);
  }
  const refuseArguments = (): void => {
    if (count > 0) fail(`${name} has arguments but cannot be invoked as function`);
  };
  const missing = (): never => fail(`can't evaluate field ${name} in type ${receiver.type.name}`);
  // indirect leaves only nil pointers.
  if (type.kind === 'pointer') {
    if (fieldOf(value(type.elem, undefined), name) === undefined) missing();
    fail(`nil pointer evaluating ${type.name}.${name}`);
  }
  const item = entry(data, name);
  if (type.kind === 'map') refuseArguments();
  if (type.kind === 'map' && item !== undefined) return value(type.elem, item);
  // A map without the key has no value for it; in data that no type describes, an unknown name is a mistake.
  if (type.kind === 'map' && type.elem.kind !== 'any')
    return run.needsKeys ? fail(`map has no entry for key ${JSON.stringify(name)}`) : undefined;
  const found = fieldOf(target, name) ?? missing();
  refuseArguments();
  return found;
}

function checkCount(name: string, { least, most }: GoFunction, count: number): void {
  if (count >= least && count <= most) return;
  const want = most === Infinity ? `at least ${least}` : `${count < least ? least : most}`;
  fail(`wrong number of args for ${name}: want ${want} got ${count}`);
}

/** Calls a function. The error of an argument of the wrong type has the place of the argument, any other error that of the command. */
function invoke(run: Run, command: Command, name: string, called: GoFunction, args: readonly Maybe[]): Maybe {
  try {
    return called.call(...args);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    if (error instanceof ArgumentError) {
      const word = command[args.indexOf(error.argument) + 1];
      if (word !== undefined) run.current.place = word;
      throw error;
    }
    const [{ start }] = command;
    const last = command.at(-1);
    const end = last?.kind === 'pipe' ? run.text.indexOf(')', last.end) + 1 : (last?.end ?? start);
    run.current.place = { start, end, at: start };
    return fail(`error calling ${name}: ${error.message}`);
  }
}
