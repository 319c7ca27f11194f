/**
 * A swarm's answers and what the real docker client (28.2) printed of them on 2026-11-23: fixtures/reading.
 * Templates and formats are the ones that docker was given, with its text or its error.
 */
import { readFileSync } from 'node:fs';
import type { Service, Task } from '../../../src/api/service.ts';
import type { Named, Node } from '../../../src/api/cluster.ts';
import type { RowOptions } from '../../../src/listing/task-rows.ts';

/** When docker printed them. */
export const NOW = Date.parse('2026-11-23T02:45:00Z');

export const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/reading/${name}`, import.meta.url), 'utf8');

interface Swarm {
  readonly services: readonly Service[];
  readonly tasks: readonly Task[];
  readonly nodes: readonly Node[];
  readonly networks: readonly Named[];
}

export const swarm = JSON.parse(fixture('swarm.json')) as Swarm;

/** The service that has a bit of everything. */
export const full = swarm.services.find(({ Spec }) => Spec.Name === 'full') as Service;

/** What docker made of a template or format. */
export interface Printed {
  readonly text?: string;
  readonly error?: string;
}

export const templates = JSON.parse(fixture('templates.json')) as (Printed & { readonly template: string })[];
export const formats = JSON.parse(fixture('formats.json')) as (Printed & { readonly format: string })[];

/** `docker service ps full bare`. */
export const rowOptions: RowOptions = {
  services: new Map(swarm.services.map(({ ID, Spec }) => [ID, Spec.Name ?? ''])),
  nodes: new Map(
    swarm.nodes.map(({ ID, Spec, Description }) => [ID, Spec.Name ?? Description?.Hostname ?? ID]),
  ),
  trunc: true,
  isTable: true,
  // As docker.
  oneLineErrors: false,
  now: NOW,
};
export const psTasks = swarm.tasks.filter(({ ServiceID }) => /^s[12]/.test(ServiceID));
