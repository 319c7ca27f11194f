/** What a command line that creates a service has asked for, out of all that the new service has. */
import type { Given } from '../command-line/flag.ts';
import { CREATE_FLAGS } from '../service-spec/build.ts';
import type { Difference } from '../service-spec/planned.ts';

/** The image's, from its registry. */
const PLATFORMS = 'TaskTemplate.Placement.Platforms';

/**
 * Leaves out the defaults that docker and so this program write into every new service, unless their flag was given.
 * @param fields the fields of the new service
 */
export function askedFor(fields: readonly Difference[], given: Given): readonly Difference[] {
  const replicas = fields.find(({ field }) => field === 'replicas')?.after ?? '1';
  const unset = new Map([
    ...CREATE_FLAGS.map(({ name, default: text }) => [name, text] as const),
    ['init', 'false'],
    ['replicas', '1'],
    ['max-concurrent', replicas],
  ]);
  const named = new Set(CREATE_FLAGS.filter((flag) => given.has(flag)).map(({ name }) => name));
  return fields.filter(
    ({ field, after }) => field !== PLATFORMS && (named.has(field) || after !== unset.get(field)),
  );
}
