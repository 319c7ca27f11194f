/** Over ssh: one ssh process serves a whole command and ends with it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { orThrow, run, said, start, startSwarmroll, swarmroll, until } from '../support/swarm.ts';
import { PING, compose, deployment, servicesOf, stackName, verdicts } from '../several/support.ts';
import { sshHosts } from './ssh-hosts.ts';
import { EXECUTABLE } from '../../support/command.ts';

const hosts = sshHosts();
const { env, service, started } = hosts;

/** Expects that no ssh process is left. */
async function expectNoneLeft(): Promise<void> {
  for (const { pid } of started()) {
    await until(`ssh ${pid} to end`, () => Promise.resolve(runs(pid) ? undefined : true));
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('one ssh process', () => {
  test('serves a whole update, has docker’s arguments, and ends with the command', async () => {
    const connections = hosts.server().connections();
    const ended = await swarmroll(['-H', hosts.address(), 'update', '--force', '--env-add', 'A=1', service], {
      env,
    });
    expect(ended).toMatchObject({ code: 0, stdout: `${service}\n` });
    expect(ended.stderr).toContain(`verify: Service ${service} converged`);
    const ours = started();
    expect([ours.length, hosts.server().connections() - connections]).toEqual([1, 1]);
    await expectNoneLeft();

    await orThrow((args) => run('docker', args, { env }))('-H', hosts.address(), 'service', 'ls');
    const theirs = started().slice(ours.length);
    expect(theirs).not.toEqual([]);
    // Older docker clients leave the first options out.
    for (const { words } of theirs) expect(ours[0]?.words.endsWith(words)).toBe(true);
  });

  test('serves a whole deployment of a stack: docker starts none', async () => {
    const stack = stackName('over-ssh');
    const words = ['-H', hosts.address(), 'stack', 'deploy', '-c', '-', stack];
    const file = compose({ web: [PING, { replicas: 2 }], other: [PING] });
    const ended = await swarmroll(words, deployment(file, { env }));
    expect([ended.code, verdicts(ended, stack)]).toEqual([0, { other: 'converged', web: 'converged' }]);
    expect((await servicesOf(stack)).map(({ Spec }) => Spec.Name).sort()).toEqual([
      `${stack}_other`,
      `${stack}_web`,
    ]);
    const again = await swarmroll(words, deployment(file, { env }));
    expect(again.code).toBe(0);
    for (const name of ['other', 'web']) expect(again.stderr).toContain(`${stack}_${name}: unchanged\n`);
    expect(started()).toHaveLength(2);
    await expectNoneLeft();
  });

  test('serves the polls of several services, one request at a time', async () => {
    const ended = await swarmroll(['-H', hosts.address(), 'inspect', service, 'ghost', service, service], {
      env,
    });
    expect(ended.code).toBe(1);
    expect((JSON.parse(ended.stdout) as unknown[]).length).toBe(3);
    expect(started()).toHaveLength(1);
  });

  test('survives Ctrl-C until the report is printed, and then ends', async () => {
    const words = ['-H', hosts.address(), 'update', '--force', '--update-monitor', '60s', service];
    // A process group of its own: a terminal's Ctrl-C goes to all processes of the group.
    const running = start('setsid', [EXECUTABLE, ...words], { env });
    await said(running, /verify: Waiting/);
    process.kill(-(running.child.pid ?? 0), 'SIGINT');
    const { code, stderr } = await running.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('the rollout goes on in the engine');
    expect(started()).toHaveLength(1);
    await expectNoneLeft();
    await swarmroll(['update', '--detach', '--update-monitor', '1s', service]);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)('is not left behind after %s', async (signal) => {
    const running = startSwarmroll(
      ['-H', hosts.address(), 'update', '--force', '--update-monitor', '60s', service],
      {
        env,
      },
    );
    await said(running, /overall progress/);
    running.child.kill(signal);
    await running.ended;
    await expectNoneLeft();
    await swarmroll(['update', '--detach', '--update-monitor', '1s', service]);
  });

  test('is replaced when it is lost, and the watch goes on', async () => {
    const running = startSwarmroll(
      ['-H', hosts.address(), 'update', '--force', '--update-monitor', '10s', service],
      {
        env,
      },
    );
    await said(running, /verify: Waiting/);
    for (const { pid } of started()) process.kill(pid);
    const { code, stderr } = await running.ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(started()).toHaveLength(2);
    await expectNoneLeft();
  });

  test('that waits for a host without a reply ends with the command', async () => {
    const silent = net.createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const running = startSwarmroll(['-H', `ssh://127.0.0.1:${port}`, 'ps', service], { env });
    await until('ssh to start', () => Promise.resolve(started().length > 0 || undefined));
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
    await expectNoneLeft();
    silent.close();
  });
});

test('a host that prints something at login: that is said, not what the parser of HTTP makes of it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'swarmroll-ssh-'));
  try {
    writeFileSync(join(folder, 'ssh'), '#!/bin/sh\necho "Welcome to host"\n', { mode: 0o755 });
    const path = `${folder}:${process.env['PATH'] ?? ''}`;
    const { code, stderr } = await swarmroll(['-H', 'ssh://me@host', 'ps', 'web'], { env: { PATH: path } });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        'swarmroll: cannot reach the engine at ssh://me@host: what the host sent first is not an answer of docker\n' +
        '  ssh://me@host is from -H: check that this prints nothing: ssh me@host true\n',
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
