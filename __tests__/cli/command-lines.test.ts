/** Random command lines: whatever is typed, swarmroll says what is wrong in one line, and a wrong one sends nothing. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { COMMANDS } from '../../src/commands/all.ts';
import { loadCommand } from '../../src/command-line/command.ts';
import type { Command } from '../../src/command-line/command.ts';
import type { Flag } from '../../src/command-line/flag.ts';
import type { Engine } from '../../src/engine/client.ts';
import { SwarmrollError } from '../../src/errors.ts';
import { main } from '../../src/main.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { fakeWorld } from '../support/fake-world.ts';
import { runs, SEEDED, TIMES } from '../support/random.ts';

/** `plugin install` changes files of the user. Its operands are tested in main.test.ts. */
const commands: Command[] = [];
for (const entry of COMMANDS) if (!entry.name.startsWith('plugin ')) commands.push(await loadCommand(entry));

const VALUES =
  '1 0 -1 1.5 1e3 0x10 007 9999999999999999999 1s 1m30s -5s 64m 1.5GiB a=b a= =b a=b=c key==value on off true false none any ' +
  'web /bin/sh json {{.ID}} {{ {{.Nope}} 80:80 [::1]:80:80/udp 80-90:80-90 type=bind,src=/a,dst=/b type=volume,, ' +
  'src=a,target=b,mode=0440 source="a,b",mode=9 10.0.0.0/8 fd00::/8 name:1.0@sha256:abc ../x . - -- --- -h --help -x -- ';
/** Any character: what is not half of a pair. fc.string() would first make a list of them all, which takes a second. */
const character = fc
  .integer({ min: 0, max: 0x10_f7_ff })
  .map((at) => String.fromCodePoint(at < 0xd8_00 ? at : at + 0x8_00));
const value = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...VALUES.split(' ')) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('constructor', '__proto__', '%s%n', 'ä€😀', '\u202e', '\u001b[31m'),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 6, unit: character }) },
);

/** A flag in one of the ways in which it can be written, or a word that looks like one. */
const flagWords = (flags: readonly Flag[]): fc.Arbitrary<readonly string[]> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(fc.constantFrom(...flags), value).map(([{ name }, text]) => [`--${name}`, text]),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(fc.constantFrom(...flags), value).map(([{ name }, text]) => [`--${name}=${text}`]),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...flags), value)
        .map(([{ short = 'q' }, text]) => [`-${short}${text}`]),
    },
    { weight: 1, arbitrary: value.map((text) => [`--${text}`]) },
  );

const anyFlag = flagWords(commands.flatMap(({ flags }) => flags));
const commandLine = fc
  .constantFrom(...commands)
  .chain(({ name, flags }) =>
    fc
      .array(
        fc.oneof(
          { weight: 4, arbitrary: flags.length === 0 ? anyFlag : flagWords(flags) },
          { weight: 1, arbitrary: anyFlag },
          { weight: 3, arbitrary: value.map((text) => [text]) },
        ),
        { maxLength: 4 },
      )
      .map((words) => [name, ...words.flat()]),
  );
const argv = fc.oneof(
  { weight: 20, arbitrary: commandLine },
  { weight: 1, arbitrary: fc.tuple(anyFlag, commandLine).map((words) => words.flat()) },
  { weight: 1, arbitrary: fc.array(value, { maxLength: 3 }) },
);

/** Runs a command line with an engine that notes each request, and cannot be reached. */
async function run(words: readonly string[]) {
  const requests: string[] = [];
  const request = (name: string) => (): Promise<never> => {
    requests.push(name);
    return Promise.reject(new SwarmrollError('unreachable', 'no engine here'));
  };
  const own: Partial<Engine> = {
    host: 'tcp://a:1',
    parallel: true,
    pinnedApiVersion: undefined,
    close: () => undefined,
  };
  const engine = new Proxy(own as Engine, {
    get: (_, name) =>
      name in own ? own[name as keyof Engine] : name === 'then' ? undefined : request(String(name)),
  });
  const clock = fakeClock();
  const { world, written } = fakeWorld({ clock, changes: { connect: () => Promise.resolve(engine) } });
  const code = await main(words, world);
  clock.stop();
  return { code, requests, ...written };
}

test(`each ends with 0, 1 or 2 and words for it, and a wrong one has sent nothing ${SEEDED}`, async () => {
  const codes = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(argv, async (words) => {
      const { code, requests, stderr } = await run(words);
      codes.set(code, (codes.get(code) ?? 0) + 1);
      const isError = code !== 0;
      expect([0, 1, 2]).toContain(code);
      // Without --debug, an error is one line and a hint; a command without words of its own shows the overview.
      expect(stderr).not.toContain('this is a bug');
      const asksTrace = words.some((word) => /^(--debug|-[^-]*D)/.test(word));
      if (!asksTrace) expect(stderr).not.toContain('    at ');
      expect({ isError, isTold: stderr !== '' }).toEqual({ isError, isTold: isError });
      if (code === 2) expect(requests).toEqual([]);
    }),
    runs(500),
  );
  // Neither all right nor all wrong: the lines reach the commands.
  expect(Math.min(...[0, 1, 2].map((code) => codes.get(code) ?? 0))).toBeGreaterThan(10 * TIMES);
});
