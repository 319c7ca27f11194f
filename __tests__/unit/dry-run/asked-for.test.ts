/** `create --dry-run` lists what was asked for. */
import { expect, test } from '@jest/globals';
import { askedFor } from '../../../src/dry-run/asked-for.ts';
import { differences } from '../../../src/service-spec/differences.ts';
import { created, givenTo } from '../service-spec/support/build.ts';

const IMAGE = 'image nginx:latest';

test.each([
  ['', []],
  ['--init', ['init true']],
  ['--init=false', ['init false']],
  ['--replicas 1', ['replicas 1']],
  ['--replicas 3', ['replicas 3']],
  ['--mode replicated', ['mode replicated']],
  ['--mode global', ['mode global']],
  ['--mode replicated-job --replicas 3', ['mode replicated-job', 'replicas 3']],
  [
    '--mode replicated-job --replicas 3 --max-concurrent 2',
    ['mode replicated-job', 'replicas 3', 'max-concurrent 2'],
  ],
  ['--restart-condition none', ['restart-condition none']],
  ['--restart-delay 5s', ['restart-delay 5s']],
  ['--update-delay 10s', ['update-delay 10s']],
  [
    '--rollback-order start-first --rollback-monitor 5s',
    ['rollback-monitor 5s', 'rollback-order start-first'],
  ],
  ['-e A=1 -p 80 --constraint a==b', ['env A 1', 'constraint a==b', 'publish 80 ingress']],
])('%s', async (line, lines) => {
  const flags = line.split(' ').filter((word) => word !== '');
  const spec = await created(...flags);
  // The registry has told them.
  spec.TaskTemplate.Placement = { ...spec.TaskTemplate.Placement, Platforms: [{ OS: 'linux' }] };
  expect(
    askedFor(differences(undefined, spec), givenTo(...flags)).map(
      ({ field, after = '' }) => `${field} ${after}`,
    ),
  ).toEqual([IMAGE, ...lines]);
});
