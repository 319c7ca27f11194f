/** Histories of services on the real swarm. */
import { expect } from '@jest/globals';
import type { Summary } from '../../../src/generations/summary.ts';
import { violations } from '../../support/schema.ts';
import { image, storedService, swarmroll, until } from '../support/swarm.ts';
import { QUICK, expectCode, given } from '../rollout/support.ts';

export const [PING, NEXT, THIRD] = [image('ping', '1.0'), image('ping', '1.1'), image('ping', '1.2')];
export const CRASH = image('crash', '1.0');
/** Each restart of a task that fails costs an old task of its slot: the engine keeps five. So there is none for a minute. */
export const SLOWLY = [...QUICK, '--restart-delay', '60s'];

/** The generations of a service as -o json prints them, the newest first. */
export async function historyOf(name: string): Promise<readonly Summary[]> {
  const ended = await swarmroll(['history', '-o', 'json', name]);
  expectCode(ended, 0);
  const result = JSON.parse(ended.stdout) as { readonly generations: readonly Summary[] };
  expect(violations('result', result)).toEqual([]);
  return result.generations;
}

/** The generations in short, the newest first: "ping:1.0 current: 2 running, 1 shutdown". */
export async function inShort(name: string): Promise<readonly string[]> {
  return (await historyOf(name)).map(({ image: full, current, previous, tasks }) => {
    const marks = [current ? 'current' : '', previous ? 'previous' : ''].filter(Boolean);
    const groups = tasks.map(
      ({ state, count, error }) => `${count} ${state}${error === undefined ? '' : ` ${error}`}`,
    );
    return `${[tagOf(full), ...marks].join(' ')}: ${groups.join(', ')}`;
  });
}

/**
 * Expects this history, once the tasks that are stopping have stopped. Of a generation that crashes, only the error counts:
 * before the engine notices the failure, it may have started another task.
 */
export async function becomes(name: string, wanted: readonly string[]): Promise<void> {
  let found: readonly string[] = [];
  await until('no task to be stopping', async () => {
    found = await inShort(name);
    return found.some((line) => line.includes('stopping')) ? undefined : true;
  });
  expect(found.map((line) => line.replace(/^(crash\S*: )\d+ (failed[^,]*).*$/, '$1$2'))).toEqual(wanted);
}

const tagOf = (full: string): string => /([^/]*)@/.exec(full)?.[1] ?? full;

/** The id of the newest generation with this image, such as "ping:1.0". */
export async function idOf(name: string, tag: string): Promise<string> {
  const found = (await historyOf(name)).find(({ image: full }) => tagOf(full) === tag);
  if (found === undefined) throw new Error(`${name} has no generation with ${tag}`);
  return found.id;
}

/** A service that was created with 1.0 and updated to 1.1. */
export async function updated(stem: string, ...flags: readonly string[]): Promise<string> {
  const name = await given(stem, ...QUICK, ...flags, PING);
  await ok('update', '--image', NEXT, name);
  return name;
}

/** Runs swarmroll without progress; throws unless it ends with 0. */
export async function ok(command: string, ...words: readonly string[]): Promise<void> {
  expectCode(await swarmroll([command, '--quiet', ...words]), 0);
}

export const storedImage = async (name: string): Promise<string | undefined> =>
  (await storedService(name)).Spec.TaskTemplate.ContainerSpec?.Image;
