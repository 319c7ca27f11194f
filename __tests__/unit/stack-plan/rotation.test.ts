/** Rotation: which stored object is the current one, names, references, and what is left over. */
import { describe, expect, test } from '@jest/globals';
import type { StoredObject } from '../../../src/api/cluster.ts';
import type { Service, ServiceSpec, Task } from '../../../src/api/service.ts';
import type { HeldObject } from '../../../src/held-writes/held-writes.ts';
import { planObjects } from '../../../src/stack-plan/objects.ts';
import type { PlannedObjects, RotationOptions, SecretAnswers } from '../../../src/stack-plan/objects.ts';
import {
  candidatesFor,
  contentSuffix,
  leftOvers,
  neededIds,
  rotatedName,
  withReferences,
} from '../../../src/stack-plan/rotation.ts';

const LABELS = { 'com.docker.stack.namespace': 'app' };
const of = (Name: string) => ({ ...LABELS, 'swarmroll.of': Name });

/** @param second when it was created */
const stored = (ID: string, Name: string, second = 0, more: object = {}): StoredObject => ({
  ID,
  Version: { Index: 7 },
  CreatedAt: `2026-01-01T00:00:${second.toString().padStart(2, '0')}.5Z`,
  Spec: { Name, Labels: LABELS, ...more },
});
const service = (
  name: string,
  { secrets = [], configs = [] }: { secrets?: readonly string[]; configs?: readonly string[] },
  Labels: Record<string, string> = LABELS,
): Service => ({
  ID: name,
  Version: { Index: 7 },
  CreatedAt: '',
  UpdatedAt: '',
  Spec: {
    Name: name,
    Labels,
    TaskTemplate: {
      ContainerSpec: {
        Image: 'ping:1.0',
        Secrets: secrets.map((SecretID) => ({ SecretID, SecretName: '' })),
        Configs: configs.map((ConfigID) => ({ ConfigID, ConfigName: '' })),
      },
    },
  },
});

describe('which stored object is meant', () => {
  const all = [
    stored('c1', 'app_conf', 1),
    stored('c2', 'app_conf_22222222', 2, { Labels: of('app_conf') }),
    stored('c3', 'app_conf_33333333', 3, { Labels: of('app_conf') }),
    stored('other', 'app_other', 4),
    stored('stack', 'app_conf_44444444', 5, { Labels: { 'swarmroll.of': 'app_conf' } }),
  ];
  const ids = (services: readonly Service[]): string[] =>
    candidatesFor('app_conf', all, services, 'app').map(({ ID }) => ID);

  test('those of the stack, the newest first', () => {
    expect(ids([])).toEqual(['c3', 'c2', 'c1']);
  });

  test('before them, those that a service of the stack uses', () => {
    expect(ids([service('app_web', { configs: ['c1'] })])).toEqual(['c1', 'c3', 'c2']);
    expect(ids([service('outside', { configs: ['c1'] }, {})])).toEqual(['c3', 'c2', 'c1']);
  });
});

describe('names', () => {
  test('have at most 64 characters', () => {
    expect(rotatedName({ Name: 'app_conf' }, '01234567')).toBe('app_conf_01234567');
    const cut = rotatedName({ Name: 'n'.repeat(64) }, '01234567');
    expect(cut).toBe(`${'n'.repeat(55)}_01234567`);
    expect(cut).toHaveLength(64);
  });

  test('of configs say what the content is: the name, the data and the template driver', () => {
    const config = { Name: 'app_conf', Data: 'YQ==', Labels: LABELS };
    expect(contentSuffix(config)).toMatch(/^[0-9a-f]{8}$/);
    expect(contentSuffix({ ...config, Labels: {} })).toBe(contentSuffix(config));
    const others = [{ Data: 'Yg==' }, { Templating: { Name: 'golang' } }, { Name: 'app_conf2' }];
    for (const change of others)
      expect(contentSuffix({ ...config, ...change })).not.toBe(contentSuffix(config));
  });
});

test('references are rewritten by their ids: also several to one object, and the credential spec', () => {
  const File = { Name: '/a', UID: '1', GID: '2', Mode: 0o440 };
  const spec: ServiceSpec = {
    Name: 'app_web',
    TaskTemplate: {
      ContainerSpec: {
        Image: 'ping:1.0',
        Env: ['A=c1'],
        Secrets: [
          { SecretID: 's1', SecretName: 'app_key', File },
          { SecretID: 's2', SecretName: 'app_other', File },
        ],
        Configs: [
          { ConfigID: 'c1', ConfigName: 'app_conf', File },
          { ConfigID: 'c1', ConfigName: 'app_conf', Runtime: {} },
        ],
        Privileges: { CredentialSpec: { Config: 'c1' } },
      },
    },
  };
  const references = new Map([
    ['s1', { id: 's9', name: 'app_key_9' }],
    ['c1', { id: 'c9', name: 'app_conf_9' }],
  ]);
  expect(withReferences(spec, references).TaskTemplate.ContainerSpec).toEqual({
    Image: 'ping:1.0',
    Env: ['A=c1'],
    Secrets: [
      { SecretID: 's9', SecretName: 'app_key_9', File },
      { SecretID: 's2', SecretName: 'app_other', File },
    ],
    Configs: [
      { ConfigID: 'c9', ConfigName: 'app_conf_9', File },
      { ConfigID: 'c9', ConfigName: 'app_conf_9', Runtime: {} },
    ],
    Privileges: { CredentialSpec: { Config: 'c9' } },
  });
});

describe('what is left over', () => {
  test('rotations and what has been rotated; never what is current, never anything else', () => {
    const all = [
      stored('c1', 'app_conf'),
      stored('c2', 'app_conf_22222222', 2, { Labels: of('app_conf') }),
      stored('c3', 'app_conf_33333333', 3, { Labels: of('app_conf') }),
      stored('plain', 'app_plain'),
      stored('now', 'app_now'),
      stored('gone', 'app_gone_11111111', 1, { Labels: of('app_gone') }),
      stored('foreign', 'app_conf', 1, { Labels: {} }),
    ];
    const left = leftOvers(all, 'app', new Set(['app_now']), new Set(['c3']));
    expect(left.map(({ ID }) => ID)).toEqual(['c1', 'c2', 'now', 'gone']);
  });

  test('needed is what current and previous specs and tasks of any service refer to', () => {
    const { Spec: PreviousSpec } = service('app_web', { configs: ['previous'] });
    const services = [
      { ...service('app_web', { configs: ['current'], secrets: ['secret'] }), PreviousSpec },
      service('outside', { configs: ['outside'] }, {}),
    ];
    const { TaskTemplate } = service('', { configs: ['task'] }).Spec;
    expect(neededIds(services, [{ Spec: TaskTemplate } as Task])).toEqual(
      new Set(['secret', 'current', 'previous', 'outside', 'task']),
    );
  });
});

describe('secrets', () => {
  const update = (more: object = { Data: 'eA==' }): HeldObject => ({
    kind: 'update',
    of: 'secrets',
    id: 's1',
    spec: { Name: 'app_key', Labels: LABELS, ...more },
  });
  const all = [stored('s1', 'app_key', 1), stored('s2', 'app_key_22222222', 2, { Labels: of('app_key') })];
  const plan = (write: HeldObject, secrets = all, answers: SecretAnswers = new Map()): PlannedObjects => {
    const options: RotationOptions = { stack: 'app', rotates: 'own', randomSuffix: () => 'rrrrrrrr' };
    return planObjects([write], { services: [], secrets, configs: [], networks: [] }, options, answers);
  };

  test('the engine is asked about each, the likeliest first, with the name and labels that it has', () => {
    const { questions, objects, references } = plan(update());
    expect(questions).toEqual([
      {
        id: 's1',
        updates: [
          expect.objectContaining({
            before: all[1],
            spec: { Name: 'app_key_22222222', Data: 'eA==', Labels: of('app_key') },
          }),
          expect.objectContaining({
            before: all[0],
            spec: { Name: 'app_key', Data: 'eA==', Labels: LABELS },
          }),
        ],
      },
    ]);
    expect(objects).toEqual([]);
    expect(references.get('s1')).toEqual({ id: 's2', name: 'app_key_22222222' });
  });

  test('what it answers is meant; if none is equal, a new one is created', () => {
    const found = plan(update(), all, new Map([['s1', 's1']]));
    expect(found.references.get('s1')).toEqual({ id: 's1', name: 'app_key' });
    expect(found.objects).toEqual([]);
    const none = plan(update(), all, new Map([['s1', undefined]]));
    expect(none.objects).toEqual([
      {
        of: 'secrets',
        name: 'app_key_rrrrrrrr',
        spec: { Name: 'app_key_rrrrrrrr', Data: 'eA==', Labels: of('app_key') },
        madeUp: 's1-rotated',
        isRotation: true,
      },
    ]);
  });

  test('docker creates a name that is gone: its rotations are asked all the same', () => {
    const create: HeldObject = {
      kind: 'create',
      of: 'secrets',
      id: 'held1',
      spec: { Name: 'app_key', Labels: LABELS, Data: 'eA==' },
    };
    const { questions, references } = plan(create, all.slice(1));
    expect(questions.map(({ updates }) => updates.map(({ before }) => before.ID))).toEqual([['s2']]);
    expect(references.get('held1')).toEqual({ id: 's2', name: 'app_key_22222222' });
  });

  test('of a driver are never asked: the driver is compared', () => {
    const driver = stored('s1', 'app_key', 1, { Driver: { Name: 'vault' } });
    const same = plan(update({ Driver: { Name: 'vault' } }), [driver]);
    expect([same.questions, same.objects, same.rotations]).toEqual([[], [], []]);
    const other = plan(update({ Driver: { Name: 'other' } }), [driver]);
    expect(other.questions).toEqual([]);
    expect(other.rotations).toEqual([expect.objectContaining({ isNew: true, reason: 'driver' })]);
    // From a driver to a file.
    expect(plan(update(), [driver])).toMatchObject({ questions: [], rotations: [{ reason: 'driver' }] });
  });

  test('with another template driver are not asked', () => {
    const { questions, rotations } = plan(update({ Data: 'eA==', Templating: { Name: 'golang' } }));
    expect(questions).toEqual([]);
    expect(rotations).toEqual([expect.objectContaining({ isNew: true, reason: 'template_driver' })]);
  });

  test.each([[{ Data: '' }], [{}]])('without data (%j) are refused, not asked', (more) => {
    const { questions, refusals, objects } = plan(update(more));
    expect([questions, objects]).toEqual([[], []]);
    expect(refusals).toEqual(['secret app_key: its file is empty, and the engine stores no empty one']);
  });
});
