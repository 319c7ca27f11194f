/** The tag that a service has, while its registry is down: the stored digest stays, and no task is replaced. */
import { expect, test } from '@jest/globals';
import { httpOf, storedService, swarm, swarmroll, uniqueName } from '../support/swarm.ts';
import { NOWHERE, expectCode } from './support.ts';

test('update --image', async () => {
  // The nodes have no registry at this address.
  const [tag, Name] = ['127.0.0.1:1/app:1', uniqueName('kept')];
  const Image = `${tag}@sha256:${'1'.repeat(64)}`;
  const TaskTemplate = { ContainerSpec: { Image }, Placement: { Constraints: [NOWHERE] } };
  const body = JSON.stringify({ Name, TaskTemplate, Mode: { Replicated: { Replicas: 0 } } });
  const headers = { 'Content-Type': 'application/json' };
  await fetch(`${httpOf(swarm.host)}/services/create`, { method: 'POST', headers, body });
  try {
    const before = await storedService(Name);
    const ended = await swarmroll(['update', '--image', tag, Name]);
    expectCode(ended, 0);
    expect(ended.stderr).toMatch(
      /^swarmroll: warning: the registry of image \S+ did not answer about it, so the digest that the service has is kept \(.*refused.*\)$/m,
    );
    expect(await storedService(Name)).toEqual(before);

    const changed = await swarmroll(['update', '--detach', '--image', tag, '--label-add', 'a=1', Name]);
    expectCode(changed, 0);
    expect(changed.stderr).toContain('is kept');
    expect((await storedService(Name)).Spec).toEqual({ ...before.Spec, Labels: { a: '1' } });

    expectCode(await swarmroll(['update', '--detach', '--image', '127.0.0.1:1/app:2', Name]), 0);
    expect((await storedService(Name)).Spec.TaskTemplate.ContainerSpec?.Image).toBe('127.0.0.1:1/app:2');
  } finally {
    await fetch(`${httpOf(swarm.host)}/services/${Name}`, { method: 'DELETE' });
  }
});
