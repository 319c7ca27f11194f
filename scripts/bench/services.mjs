/** Creates the services of the benchmarks, changes them, and removes them afterwards. */
import { execFileSync } from 'node:child_process';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { SOCKET } from './engine.mjs';

const IMAGE = `${process.env.SWARMROLL_TEST_REGISTRY}/ping:1.0`;
/** The label of all benchmark services. It finds the services that an interrupted run has left. */
export const LABEL = 'swarmroll.bench=1';
/** A constraint that no node matches: the tasks stay pending and need no memory. */
export const PENDING = ['--constraint', 'node.labels.none==true'];

export const docker = (...words) => execFileSync('docker', words, { encoding: 'utf8' }).trim();

/** The arguments after `docker service`, or after `swarmroll`, that create a service. */
export const creation = (name, ...flags) => ['create', '--name', name, '--label', LABEL, ...flags, IMAGE];

let made = 0;
/** A new name. The engine's own random names are not used, because two of eighty may be the same. */
export const newName = () => `bench-made-${(made += 1)}`;

/** Sends a request to the engine. Resolves with the JSON of the reply. */
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

/** Waits until exactly so many of the service's tasks are in a state. */
async function until(name, count, state) {
  while ((await tasksOf(name)).filter(({ Status }) => Status.State === state).length !== count)
    await sleep(200);
}

/** Creates a service and waits until its tasks are running or, with `PENDING`, pending. */
export async function given(name, replicas, ...flags) {
  docker('service', ...creation(name, '--detach', '--quiet', '--replicas', `${replicas}`, ...flags));
  await until(name, replicas, flags.includes(PENDING[1]) ? 'pending' : 'running');
}

/**
 * Removes all benchmark services. First it waits until all their tasks are gone: engine 28.5 crashes if a service is
 * removed while its tasks are being removed (swarmkit manager/orchestrator/service.go, SetServiceTasksRemove).
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

/** Changes the labels of a service, as another user could during a watch. Resolves when the engine has stored it. */
export async function changeLabels(name) {
  const { ID, Version, Spec } = await service(name);
  Spec.Labels = { ...Spec.Labels, moment: `${Date.now()}` };
  await ask('POST', `/services/${ID}/update?version=${Version.Index}`, Spec);
}
