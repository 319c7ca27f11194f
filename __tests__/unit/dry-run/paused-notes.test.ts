/** What a change does to a paused update. As seen on 28.5: integration/dry-run/paused.test.ts. */
import { expect, test } from '@jest/globals';
import type { Service, ServiceSpec, UpdateState } from '../../../src/api/service.ts';
import { pausedNotes } from '../../../src/dry-run/paused-notes.ts';

const spec = (Image: string, parts: Partial<ServiceSpec> = {}): ServiceSpec => ({
  Mode: { Replicated: { Replicas: 3 } },
  TaskTemplate: { ContainerSpec: { Image } },
  ...parts,
});
const [BAD, GOOD] = [spec('bad'), spec('good')];
const service = (State: UpdateState | undefined, PreviousSpec?: ServiceSpec): Service =>
  ({ ID: 'x', Spec: BAD, PreviousSpec, UpdateStatus: State && { State } }) as unknown as Service;

const RESUMES = 'resumes the update that the engine has paused';
const LOST =
  'the engine forgets the spec from before the paused update: rollback leads to the paused spec then';
const LABELS = spec('bad', { Labels: { a: '1' } });
const SCALED = spec('bad', { Mode: { Replicated: { Replicas: 4 } } });

test.each<[string, Service, ServiceSpec, number, string[]]>([
  ['labels', service('paused', GOOD), LABELS, 2, [RESUMES, LOST]],
  ['replicas', service('paused', GOOD), SCALED, 2, [RESUMES, LOST]],
  ['the same spec', service('paused', GOOD), BAD, 2, [RESUMES, LOST]],
  ['a label, when no task is left', service('paused', GOOD), LABELS, 0, [LOST]],
  ['another image', service('paused', GOOD), spec('other'), 3, [LOST]],
  ['a port', service('paused', GOOD), { ...BAD, EndpointSpec: { Ports: [{ TargetPort: 80 }] } }, 3, [LOST]],
  ['once more', service('paused', BAD), LABELS, 2, [RESUMES]],
  [
    'a paused rollback',
    service('rollback_paused'),
    LABELS,
    2,
    ['resumes the rollback that the engine has paused'],
  ],
  ['no pause', service('completed', GOOD), LABELS, 0, []],
  ['no status', service(undefined, GOOD), LABELS, 0, []],
])('%s', (_, before, after, replaced, notes) => expect(pausedNotes(before, after, replaced)).toEqual(notes));
