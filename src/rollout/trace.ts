/**
 * A rollout as a file of lines: what was seen of it, to be judged again without a swarm. The first line is the
 * header; each other is an observation, without the parts that are as in the one before. Nothing in it is
 * secret: of a spec it holds the digest alone.
 */
import type { Observation, Seen } from './observation.ts';
import type { Intent } from './state.ts';

export interface Trace {
  /** The engine that was watched: "28.5.2". */
  readonly engine: string;
  readonly intent: Intent;
  readonly observations: readonly Observation[];
}

/** The first line. */
export const header = ({ engine, intent }: Omit<Trace, 'observations'>): string =>
  JSON.stringify({ engine, intent });

/** One observation's line; `last` is the last successful look before it. */
export function line(observation: Observation, last: Seen | undefined): string {
  if (observation.kind !== 'seen' || last === undefined) return JSON.stringify(observation);
  const same = (part: 'service' | 'tasks' | 'nodes'): boolean =>
    JSON.stringify(observation[part]) === JSON.stringify(last[part]);
  const { kind, at, partial, service, tasks, nodes } = observation;
  return JSON.stringify({
    kind,
    at,
    partial,
    ...(same('service') ? {} : { service }),
    ...(same('tasks') ? {} : { tasks }),
    ...(same('nodes') ? {} : { nodes }),
  });
}

/** The trace in a file's text. */
export function parseTrace(text: string): Trace {
  const [first = '', ...rest] = text.trimEnd().split('\n');
  const observations: Observation[] = [];
  let last: Seen | undefined;
  for (const one of rest) {
    const parsed = JSON.parse(one) as Observation;
    const whole = parsed.kind === 'seen' && last !== undefined ? { ...last, ...parsed } : parsed;
    observations.push(whole);
    if (whole.kind === 'seen') {
      const { partial, ...rest } = whole;
      last = rest;
    }
  }
  return { ...(JSON.parse(first) as Omit<Trace, 'observations'>), observations };
}
