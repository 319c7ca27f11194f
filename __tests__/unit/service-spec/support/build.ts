/** Builds specs from command lines, without an engine. */
import { CREATE_FLAGS, UPDATE_FLAGS, changedSpec, newSpec } from '../../../../src/service-spec/build.ts';
import type { SpecContext } from '../../../../src/service-spec/flag.ts';
import type { ServiceSpec } from '../../../../src/api/service.ts';
import { parse } from '../../../../src/command-line/parse.ts';
import type { Given } from '../../../../src/command-line/flag.ts';
import type { Command } from '../../../../src/command-line/command.ts';

const command = (flags: Command['flags'], flagsStop: boolean): Command => ({
  name: 'test',
  operands: [{ kind: 'word', many: true, optional: true }],
  flagsStop,
  summary: '',
  flags,
  examples: [],
  run: () => Promise.resolve(0),
});

/** The files for --env-file. */
const FILES: Readonly<Record<string, string>> = {
  'odd.env': '\uFEFF# comment\n  A=1\r\nB= two \n\nPASSED\nNOT_SET\nA=3\n',
  'blank.env': 'BAD NAME=1\n',
};

const context = (given: SpecContext['given']): SpecContext => ({
  given,
  local: {
    env: { PASSED: 'on' },
    cwd: '/work',
    readFile: (path) => {
      const text = FILES[path];
      return text === undefined
        ? Promise.reject(Object.assign(new Error('no'), { code: 'ENOENT' }))
        : Promise.resolve(new TextEncoder().encode(text));
    },
  },
  lookup: {
    network: (ref) => Promise.resolve(`id-of-${ref}`),
    secrets: (names) => Promise.resolve(new Map(names.map((name) => [name, `id-of-${name}`]))),
    configs: (names) => Promise.resolve(new Map(names.map((name) => [name, `id-of-${name}`]))),
  },
});

/** The flags of a command line of `create`. */
export const givenTo = (...flags: string[]): Given =>
  parse(command(CREATE_FLAGS, true), flags, 'swarmroll').given;

/** The spec that `create FLAGS nginx` sends. */
export function created(...flags: string[]): Promise<ServiceSpec> {
  return newSpec('nginx', [], context(givenTo(...flags)));
}

/** The spec that `update FLAGS` sends for a stored spec. */
export function updated(stored: ServiceSpec, ...flags: string[]): Promise<ServiceSpec> {
  const { given } = parse(command(UPDATE_FLAGS, false), flags, 'swarmroll');
  return changedSpec(stored, context(given));
}

/** The spec of a replicated service with this container spec and nothing else. */
export const running = (ContainerSpec: ServiceSpec['TaskTemplate']['ContainerSpec']): ServiceSpec => ({
  TaskTemplate: { ...(ContainerSpec === undefined ? {} : { ContainerSpec }) },
  Mode: { Replicated: { Replicas: 1 } },
});
