/** The services that are measured: made before, taken away after, and what is asked of the engine in between. */
import { execFileSync } from 'node:child_process';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { SOCKET } from './engine.mjs';

const IMAGE = `${process.env.SWARMROLL_TEST_REGISTRY}/ping:1.0`;
/** All of them have it, so that what an interrupted run left can be found. */
export const LABEL = 'swarmroll.bench=1';
/** No node has it: tasks that stay pending cost no memory. */
export const PENDING = ['--constraint', 'node.labels.none==true'];

export const docker = (...words) => execFileSync('docker', words, { encoding: 'utf8' }).trim();

/** The words after `service create`. */
export const creation = (name, ...flags) => ['create', '--name', name, '--label', LABEL, ...flags, IMAGE];

let made = 0;
/** A name of its own for each service: of the engine's random ones, two in eighty may be the same. */
export const newName = () => `bench-made-${(made += 1)}`;

/** One request to the engine; its answer's JSON. */
export function ask(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
    const request = http.request({ socketPath: SOCKET, method, path, headers }, (reply) => {
      let text = '';
      reply.on('data', (data) => (text += data));
      reply.on('end', () => (reply.statusCode < 300 ? resolve(JSON.parse(text)) : reject(new Error(text))));
    });
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

export const service = (name) => ask('GET', `/services/${name}`);

const tasksOf = (name) =>
  ask('GET', `/tasks?filters=${encodeURIComponent(JSON.stringify({ service: [name] }))}`);

/** Waits until so many of the service's tasks are in the state. */
async function until(name, count, state) {
  while ((await tasksOf(name)).filter(({ Status }) => Status.State === state).length !== count)
    await sleep(200);
}

/** Makes a service of running tasks, or of pending ones. */
export async function given(name, replicas, ...flags) {
  docker('service', ...creation(name, '--detach', '--quiet', '--replicas', `${replicas}`, ...flags));
  await until(name, replicas, flags.includes(PENDING[1]) ? 'pending' : 'running');
}

/**
 * Takes away all services that a benchmark made; tasks first, and to the last: engine 28.5 crashes where a service is
 * removed while its tasks are being (swarmkit's SetServiceTasksRemove).
 */
export async function clear() {
  const ids = docker('service', 'ls', '--quiet', '--filter', `label=${LABEL}`).split('\n').filter(Boolean);
  if (ids.length === 0) return;
  docker('service', 'scale', '--detach', ...ids.map((id) => `${id}=0`));
  for (const id of ids) {
    while ((await tasksOf(id)).some(({ DesiredState }) => ['running', 'remove'].includes(DesiredState))) {
      await sleep(200);
    }
  }
  docker('service', 'rm', ...ids);
}

/** What anyone may do meanwhile: another change of the service's labels. Resolves when the engine has taken it. */
export async function changeLabels(name) {
  const { ID, Version, Spec } = await service(name);
  Spec.Labels = { ...Spec.Labels, moment: `${Date.now()}` };
  await ask('POST', `/services/${ID}/update?version=${Version.Index}`, Spec);
}
