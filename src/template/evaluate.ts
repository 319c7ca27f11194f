/** What pipelines, fields and function calls mean. `state.at` follows Go step by step: errors quote where it is. */
import type { Command, Operand, Pipe } from './ast.ts';
import { quote } from './ast.ts';
import type { State } from './exec.ts';
import { assign } from './exec.ts';
import type { Functions, Param } from './functions.ts';
import { FunctionError } from './functions.ts';
import {
  FLOAT64,
  INT,
  bool,
  entry,
  fieldOf,
  indirect,
  isNil,
  isTrue,
  string,
  text,
  value,
} from './go-types.ts';
import type { Maybe } from './go-types.ts';

/** What a command gives its first word: the words after it, and perhaps what was piped in. */
interface Arguments {
  readonly words: readonly Operand[];
  readonly piped: readonly Maybe[];
  readonly dot: Maybe;
}

const count = ({ words, piped }: Arguments): number => words.length + piped.length;

/** The value of a pipeline; its variables are set on the way. */
export function evaluatePipe(state: State, pipe: Pipe, dot: Maybe): Maybe {
  state.at(pipe);
  let result: Maybe;
  for (const [index, command] of pipe.commands.entries()) {
    // What a command gives is the last argument of the next.
    result = evaluateCommand(state, command, dot, index === 0 ? [] : [result]);
  }
  for (const name of pipe.variables) {
    if (pipe.assigns) assign(state, name, result);
    else state.variables.push({ name, value: result });
  }
  return result;
}

function evaluateCommand(state: State, command: Command, dot: Maybe, piped: readonly Maybe[]): Maybe {
  const [first, ...words] = command.args;
  const given: Arguments = { words, piped, dot };
  switch (first.kind) {
    case 'function':
      return callFunction(state, first, command, given);
    case 'field':
    case 'variable':
    case 'chain':
      return evaluateFields(state, first, given);
    case 'pipe':
      refuseArguments(state, first, given);
      return evaluatePipe(state, first, dot);
    default:
      state.at(first);
      refuseArguments(state, first, given);
      if (first.kind === 'nil') state.fail('nil is not a command');
      return evaluateOperand(state, first, dot);
  }
}

function refuseArguments(state: State, operand: Operand, given: Arguments): void {
  if (count(given) > 0) state.fail(`can't give argument to non-function ${quote(operand)}`);
}

/** An operand where nothing in particular is asked of it. */
function evaluateOperand(state: State, operand: Operand, dot: Maybe): Maybe {
  const alone: Arguments = { words: [], piped: [], dot };
  state.at(operand);
  switch (operand.kind) {
    case 'dot':
      return dot;
    case 'nil':
      return undefined;
    case 'bool':
      return bool(operand.value);
    case 'string':
      return string(operand.value);
    case 'number':
      return value(operand.number.isFloat ? FLOAT64 : INT, operand.number.value);
    case 'pipe':
      return evaluatePipe(state, operand, dot);
    case 'function':
      return callFunction(state, operand, operand, alone);
    default:
      return evaluateFields(state, operand, alone);
  }
}

type Fields = Extract<Operand, { kind: 'field' | 'variable' | 'chain' }>;

/** `.A.B`, `$x.A.B`, `(...).A.B`: only the last can be a method that takes arguments. */
function evaluateFields(state: State, operand: Fields, given: Arguments): Maybe {
  state.at(operand);
  if (operand.names.length === 0) refuseArguments(state, operand, given);
  const last = operand.names.length - 1;
  return operand.names.reduce<Maybe>(
    (receiver, name, index) =>
      evaluateField(state, receiver, name, index === last ? given : { ...given, words: [], piped: [] }),
    baseOf(state, operand, given.dot),
  );
}

function baseOf(state: State, operand: Fields, dot: Maybe): Maybe {
  if (operand.kind === 'field') return dot;
  if (operand.kind === 'variable')
    return state.variables.findLast(({ name }) => name === operand.name)?.value;
  if (operand.base.kind === 'nil') state.fail('indirection through explicit nil in ' + quote(operand));
  return evaluateOperand(state, operand.base, dot);
}

function evaluateField(state: State, receiver: Maybe, name: string, given: Arguments): Maybe {
  if (receiver === undefined) return undefined;
  const target = indirect(receiver);
  const { type, data } = target;
  const method = 'own' in type && Object.hasOwn(type.own.methods, name) ? type.own.methods[name] : undefined;
  if (method !== undefined) {
    if (count(given) !== method.takes) {
      state.fail(`wrong number of args for ${name}: want ${method.takes} got ${count(given)}`);
    }
    const [argument] = evaluateArguments(
      state,
      Array.from({ length: method.takes }, () => 'string'),
      given,
    );
    return method.call(target, argument === undefined ? '' : text(argument));
  }
  const field = type.kind === 'struct' ? fieldOf(type, data, name) : undefined;
  if (field !== undefined) {
    if (count(given) > 0) state.fail(`${name} has arguments but cannot be invoked as function`);
    return field;
  }
  if (type.kind === 'map') {
    if (count(given) > 0) state.fail(`${name} is not a method but has arguments`);
    const item = entry(data, name);
    return item === undefined ? undefined : value(type.elem, item);
  }
  if (type.kind === 'pointer' && type.elem.kind === 'struct' && fieldOf(type.elem, {}, name) !== undefined) {
    state.fail(`nil pointer evaluating ${receiver.type.name}.${name}`);
  }
  return state.fail(`can't evaluate field ${name} in type ${receiver.type.name}`);
}

/** Calls a function; `whole` is what an error in it quotes. */
function callFunction(
  state: State,
  operand: Extract<Operand, { kind: 'function' }>,
  whole: Command | Operand,
  given: Arguments,
): Maybe {
  const { name } = operand;
  state.at(operand);
  const called = state.functions[name] ?? state.fail(`${JSON.stringify(name)} is not a defined function`);
  checkCount(state, name, called, count(given));
  if (name === 'and' || name === 'or') return shortCircuit(state, name, given);
  const params = Array.from(
    { length: count(given) },
    (_, index) => called.params[index] ?? called.params.at(-1) ?? 'any',
  );
  const values = evaluateArguments(state, params, given);
  try {
    return called.call(...values);
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    state.at(whole);
    return state.fail(`error calling ${name}: ${error.message}`);
  }
}

function checkCount(
  state: State,
  name: string,
  { params, variadic = false }: Functions[string],
  got: number,
): void {
  const least = variadic ? params.length - 1 : params.length;
  if (got === least || (variadic && got > least)) return;
  state.fail(`wrong number of args for ${name}: want ${variadic ? `at least ${least}` : least} got ${got}`);
}

/** `and` gives the first that is false, `or` the first that is true, or the last; the others are not looked at. */
function shortCircuit(state: State, name: 'and' | 'or', { words, piped, dot }: Arguments): Maybe {
  let result: Maybe;
  for (const word of words) {
    result = evaluateOperand(state, word, dot);
    if (isTrue(result) === (name === 'or')) return result;
  }
  return piped.length > 0 ? piped[0] : result;
}

function evaluateArguments(
  state: State,
  params: readonly Param[],
  { words, piped, dot }: Arguments,
): Maybe[] {
  const values = words.map((word, index) => evaluateArgument(state, params[index] ?? 'any', word, dot));
  return [...values, ...piped.map((given) => checked(state, params.at(-1) ?? 'any', given))];
}

const GO_NAMES: Readonly<Record<Param, string>> = {
  any: 'interface {}',
  string: 'string',
  int: 'int',
  strings: '[]string',
};

function evaluateArgument(state: State, param: Param, word: Operand, dot: Maybe): Maybe {
  state.at(word);
  switch (word.kind) {
    case 'nil':
      if (param === 'string' || param === 'int') state.fail(`cannot assign nil to ${GO_NAMES[param]}`);
      return undefined;
    case 'bool':
    case 'string':
    case 'number':
      if (param === 'any' || (param === 'string' && word.kind === 'string')) {
        return evaluateOperand(state, word, dot);
      }
      if (param === 'int' && word.kind === 'number' && word.number.isInt)
        return value(INT, word.number.value);
      if (param === 'strings') return state.fail(`can't handle ${quote(word)} for arg of type []string`);
      return state.fail(`expected ${param === 'int' ? 'integer' : 'string'}; found ${quote(word)}`);
    default:
      return checked(state, param, evaluateOperand(state, word, dot));
  }
}

/** A value that a parameter can take; a pointer to one is followed. */
function checked(state: State, param: Param, given: Maybe): Maybe {
  if (param === 'any') return given;
  const wanted = GO_NAMES[param];
  if (given === undefined)
    return param === 'strings' ? undefined : state.fail(`invalid value; expected ${wanted}`);
  const { type } = given;
  if (type.name === wanted) return given;
  if (type.kind !== 'pointer' || type.elem.name !== wanted) {
    return state.fail(`wrong type for value; expected ${wanted}; got ${type.name}`);
  }
  return isNil(given) ? state.fail(`dereference of nil pointer of type ${wanted}`) : indirect(given);
}
