/**
 * Changes the labels of the swarm's nodes. Tests share the nodes, so each test uses unique label names and removes its
 * labels.
 */
import { api, httpOf, orThrow, outer, swarm, until } from './swarm.ts';
import type { Node } from '../../../src/api/cluster.ts';

/** A node's host name. */
export const hostname = (node: Node): string => node.Description?.Hostname ?? '';

/** Sets a node's labels; undefined removes a label. It retries when another test has changed the node meanwhile. */
export async function label(
  name: string,
  labels: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  await until(`labels of ${name}`, async () => {
    const node = (await api<Node[]>('/nodes')).find((node) => hostname(node) === name);
    if (node === undefined) throw new Error(`no node ${name}`);
    const { Index } = node['Version'] as { Index: number };
    const reply = await fetch(`${httpOf(swarm.host)}/nodes/${node.ID}/update?version=${Index}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...node.Spec, Labels: { ...node.Spec.Labels, ...labels } }),
    });
    if (reply.ok) return true;
    const text = await reply.text();
    if (!text.includes('out of sequence')) throw new Error(text);
    return undefined;
  });
}

/**
 * Sets one engine label of a node, or removes all its engine labels (undefined). The engine reads them from daemon.json
 * when it gets SIGHUP. The swarm knows the change within 20 seconds.
 */
export async function engineLabel(container: string, name: string, value: string | undefined): Promise<void> {
  const wanted = value === undefined ? [] : [`${name}=${value}`];
  const inside = (...words: string[]) => orThrow(outer)('exec', container, ...words);
  const write = `echo '${JSON.stringify({ labels: wanted })}' >/etc/docker/daemon.json`;
  await inside('sh', '-c', `${write} && kill -HUP "$(cat /var/run/docker.pid)"`);
  await until('the engine to read its labels', async () => {
    const { stdout } = await inside('docker', 'info', '--format', '{{json .Labels}}');
    return JSON.stringify(wanted) === stdout.trim() ? true : undefined;
  });
  await inside('rm', '/etc/docker/daemon.json');
}
