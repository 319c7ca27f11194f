/** Labels of the service and of its containers. */
import { splitOnce, keyValues } from '../values/text.ts';
import { InvalidValue, listOf, strings } from '../values/value.ts';
import { mapIn } from './edits.ts';
import { container, service } from './draft.ts';
import { listFlags } from './flag.ts';

/** `KEY=VALUE` or `KEY` (docker/cli opts/opts.go ValidateLabel). */
const labels = listOf('list', (text) => {
  const key = splitOnce(text, '=')[0].replace(/^[ \t]+/, '');
  if (key === '') throw new InvalidValue('must be KEY=VALUE or KEY');
  if (/[ \t]/.test(key)) throw new InvalidValue('must not have whitespace in the key');
  return text;
});

/** The fields that labels of the service set (see SpecFlag.fields). */
const labelPaths = (texts: readonly string[]) => Object.keys(keyValues(texts)).map((key) => ['Labels', key]);

export const LABEL_FLAGS = [
  ...listFlags({
    name: 'label',
    short: 'l',
    type: labels,
    removed: strings,
    group: 'What runs',
    help: { set: 'Service labels', add: 'Add or update a service label', rm: 'Remove a label by its key' },
    ...mapIn(service, 'Labels'),
    fields: labelPaths,
  }),
  ...listFlags({
    name: 'container-label',
    type: labels,
    removed: strings,
    group: 'What runs',
    help: {
      set: 'Container labels',
      add: 'Add or update a container label',
      rm: 'Remove a container label by its key',
    },
    ...mapIn(container, 'Labels'),
  }),
];
