/** Two commands that ask for the same at the same moment: the engine takes one of them, and both watch it. */
import { expect, test } from '@jest/globals';
import { proxy } from '../support/proxy.ts';
import { image, swarmroll } from '../support/swarm.ts';
import { QUICK, expectCode, given, posts, states } from './support.ts';

const ping = image('ping', '1.0');
const next = image('ping', '1.1');

/** Runs a command twice. The engine gets a change only once both commands have sent theirs. */
async function twice(...words: readonly string[]) {
  const waiting: (() => void)[] = [];
  const between = await proxy(({ method }) => {
    if (method !== 'POST') return undefined;
    return new Promise<undefined>((resolve) => {
      waiting.push(() => resolve(undefined));
      if (waiting.length >= 2) waiting.forEach((pass) => pass());
    });
  });
  try {
    const both = await Promise.all([1, 2].map(() => swarmroll(['-H', between.host, ...words])));
    both.forEach((one) => expectCode(one, 0));
    expect(posts(between)).toHaveLength(2);
    const notes = both.map(
      ({ stderr }) => stderr.split('someone else has stored the same change').length - 1,
    );
    expect(notes.sort()).toEqual([0, 1]);
    return both;
  } finally {
    between.close();
  }
}

test('update, then rollback', async () => {
  const name = await given('twice', ...QUICK, '--replicas', '2', ping);
  const updated = await twice('update', '--image', next, name);
  for (const { stderr } of updated) expect(stderr).toContain(`verify: Service ${name} converged`);
  expect(await states(name)).toEqual({ 'ping:1.1 running': 2 });
  await twice('rollback', name);
  expect(await states(name)).toEqual({ 'ping:1.0 running': 2 });
});
