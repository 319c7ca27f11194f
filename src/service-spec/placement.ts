/** The nodes that tasks may run on, and how tasks are spread over them. */
import { splitOnce } from '../values/text.ts';
import { InvalidValue, listOf, strings } from '../values/value.ts';
import { addSorted, removeSorted, replaceList } from './edits.ts';
import { placement } from './draft.ts';
import { specFlag } from './flag.ts';

/** `spread=NODE-LABEL` (docker/cli cli/command/service/opts.go placementPrefOpts.Set). */
const preferences = listOf('pref', (text) => {
  const [strategy, value] = splitOnce(text, '=');
  if (value === undefined) throw new InvalidValue('must be spread=NODE-LABEL');
  if (strategy !== 'spread') throw new InvalidValue('must be spread=NODE-LABEL: the only strategy is spread');
  return { Spread: { SpreadDescriptor: value } };
});

export const PLACEMENT_FLAGS = [
  specFlag({
    name: 'constraint',
    type: strings,
    group: 'Placement',
    help: 'Placement constraints',
    create: replaceList(placement, 'Constraints'),
  }),
  specFlag({
    name: 'constraint-add',
    type: strings,
    group: 'Placement',
    help: 'Add or update a placement constraint',
    update: addSorted(placement, 'Constraints'),
  }),
  specFlag({
    name: 'constraint-rm',
    type: strings,
    group: 'Placement',
    help: 'Remove a constraint',
    update: removeSorted(placement, 'Constraints'),
  }),
  specFlag({
    name: 'placement-pref',
    type: preferences,
    group: 'Placement',
    help: 'Add a placement preference',
    since: '1.28',
    create: (draft, list) => {
      placement(draft).Preferences = list;
    },
  }),
  specFlag({
    name: 'placement-pref-rm',
    type: preferences,
    group: 'Placement',
    help: 'Remove a placement preference',
    since: '1.28',
    update: (draft, list) => {
      const owner = placement(draft);
      const removed = list.map(({ Spread }) => Spread.SpreadDescriptor);
      owner.Preferences = (owner.Preferences ?? []).filter(
        ({ Spread }) => Spread === undefined || !removed.includes(Spread.SpreadDescriptor ?? ''),
      );
    },
  }),
  specFlag({
    name: 'placement-pref-add',
    type: preferences,
    group: 'Placement',
    help: 'Add a placement preference',
    since: '1.28',
    update: (draft, list) => {
      const owner = placement(draft);
      owner.Preferences = [...(owner.Preferences ?? []), ...list];
    },
  }),
];
