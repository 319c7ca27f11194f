/** Docker's grammar of a command line: flags, their values, operands, and the end of the flags. */
import { expect, test } from '@jest/globals';
import { splitArguments } from '../../../src/command-line/split-arguments.ts';
import type { Flag } from '../../../src/command-line/flag.ts';
import { boolean, string, strings } from '../../../src/values/value.ts';

const flag = (name: string, type: Flag['type'], short?: string): Flag => ({
  name,
  type,
  group: 'What runs',
  help: name,
  ...(short === undefined ? {} : { short }),
});
const KNOWN = [
  flag('env', strings, 'e'),
  flag('replicas', string),
  flag('detach', boolean, 'd'),
  flag('quiet', boolean, 'q'),
  flag('no-resolve-image', boolean),
];

const split = (line: readonly string[], flagsStop = false): unknown => {
  const { flags, operands } = splitArguments(line, KNOWN, flagsStop);
  return [flags.map(([{ name }, text]) => `${name}=${text}`), operands];
};

test.each<[string[], string[], string[]]>([
  [['--env', 'A=1', 'web'], ['env=A=1'], ['web']],
  [['--env=A=1=2', 'web'], ['env=A=1=2'], ['web']],
  [['--env=', 'web'], ['env='], ['web']],
  [['-e', 'A', '-eB', '-e=C', 'web'], ['env=A', 'env=B', 'env=C'], ['web']],
  [['--env', '--detach', 'web'], ['env=--detach'], ['web']],
  [['--replicas', '-1', 'web'], ['replicas=-1'], ['web']],
  [['-dq', 'web'], ['detach=true', 'quiet=true'], ['web']],
  [['-dqe', 'A', 'web'], ['detach=true', 'quiet=true', 'env=A'], ['web']],
  [['-d=false', 'web'], ['detach=false'], ['web']],
  [['--detach', 'false'], ['detach=true'], ['false']],
  [['--detach=false', '--no-resolve-image'], ['detach=false', 'no-resolve-image=true'], []],
  [['web', '--detach'], ['detach=true'], ['web']],
  [['--', '--detach', '-x'], [], ['--detach', '-x']],
  [['-', 'web'], [], ['-', 'web']],
])('%j', (line, flags, operands) => {
  expect(split(line)).toEqual([flags, operands]);
});

test('on create, the first operand ends the flags', () => {
  expect(split(['-d', 'image', '--env', 'A', '--', '-q'], true)).toEqual([
    ['detach=true'],
    ['image', '--env', 'A', '--', '-q'],
  ]);
});

test.each([
  [['--nope'], 'unknown flag: --nope', undefined],
  [['--replica', '3'], 'unknown flag: --replica', undefined],
  [['-dx'], "unknown shorthand flag: 'x' in -dx", undefined],
  [['--env'], 'flag needs an argument: --env', undefined],
  [['-de'], "flag needs an argument: 'e' in -de", undefined],
  [['--=x'], 'bad flag syntax: --=x', undefined],
  [['---env'], 'bad flag syntax: ---env', undefined],
])('%j is refused', (line, message, hint) => {
  expect(() => splitArguments(line, KNOWN, false)).toThrow(
    expect.objectContaining({ kind: 'usage', message, hint }),
  );
});
