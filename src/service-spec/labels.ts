/** Labels of the service and of its containers. */
import type { ServiceSpec } from '../api/service.ts';
import { splitOnce, keyValues } from '../values/text.ts';
import { InvalidValue, listOf, strings } from '../values/value.ts';
import { removeKeys, setKeys } from './edits.ts';
import { container } from './draft.ts';
import { specFlag } from './flag.ts';

/** `KEY=VALUE` or `KEY` (docker/cli opts/opts.go ValidateLabel). */
const labels = listOf('list', (text) => {
  const key = splitOnce(text, '=')[0].replace(/^[ \t]+/, '');
  if (key === '') throw new InvalidValue('must be KEY=VALUE or KEY');
  if (/[ \t]/.test(key)) throw new InvalidValue('must not have whitespace in the key');
  return text;
});

const service = (draft: ServiceSpec) => draft;

/** The fields that labels of the service set (see SpecFlag.fields). */
const labelPaths = (texts: readonly string[]) => Object.keys(keyValues(texts)).map((key) => ['Labels', key]);

export const LABEL_FLAGS = [
  specFlag({
    name: 'label',
    short: 'l',
    type: labels,
    group: 'What runs',
    help: 'Service labels',
    create: setKeys(service, 'Labels'),
    fields: labelPaths,
  }),
  specFlag({
    name: 'label-rm',
    type: strings,
    group: 'What runs',
    help: 'Remove a label by its key',
    update: removeKeys(service, 'Labels'),
    fields: labelPaths,
  }),
  specFlag({
    name: 'label-add',
    type: labels,
    group: 'What runs',
    help: 'Add or update a service label',
    update: setKeys(service, 'Labels'),
    fields: labelPaths,
  }),
  specFlag({
    name: 'container-label',
    type: labels,
    group: 'What runs',
    help: 'Container labels',
    create: setKeys(container, 'Labels'),
  }),
  specFlag({
    name: 'container-label-rm',
    type: strings,
    group: 'What runs',
    help: 'Remove a container label by its key',
    update: removeKeys(container, 'Labels'),
  }),
  specFlag({
    name: 'container-label-add',
    type: labels,
    group: 'What runs',
    help: 'Add or update a container label',
    update: setKeys(container, 'Labels'),
  }),
];
