/** The images of the fake registry: what a container of each does. They are named as those of the real test swarm. */
import { createHash } from 'node:crypto';
import type { Behaviour } from '../../unit/rollout/support/swarm/model.ts';

export interface Image {
  readonly behaviour: Behaviour;
  /** What a task prints on stderr before it ends. */
  readonly log?: string;
}

const runs: Image = { behaviour: { kind: 'runs' } };

/** Any other image is in no registry and on no node. */
export const IMAGES: Readonly<Record<string, Image>> = {
  'ping:1.0': runs,
  'ping:1.1': runs,
  'ping:1.2': runs,
  'crash:1.0': { behaviour: { kind: 'crashes', after: 50 }, log: 'crash: cannot open /etc/crash.conf' },
  'latecrash:1.0': { behaviour: { kind: 'crashes', after: 1_500 }, log: 'latecrash: lost its database' },
  'oneshot:1.0': { behaviour: { kind: 'ends', after: 100 }, log: 'oneshot: done' },
  'hangs:1.0': { behaviour: { kind: 'hangs' } },
};

/** A reference without its digest: "ping:1.0@sha256:..." → "ping:1.0". */
const tagged = (reference: string): string => reference.replace(/@.*/, '');

export const imageOf = (reference: string): Image =>
  IMAGES[tagged(reference)] ?? { behaviour: { kind: 'missing' } };

/** The digest in the registry; undefined where there is no such image. */
export const digestOf = (reference: string): string | undefined =>
  tagged(reference) in IMAGES
    ? `sha256:${createHash('sha256').update(tagged(reference)).digest('hex')}`
    : undefined;
