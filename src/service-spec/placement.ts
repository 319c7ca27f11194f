/** The nodes that tasks may run on, and how tasks are spread over them. */
import type { Placement } from '../api/service.ts';
import { splitOnce } from '../values/text.ts';
import { InvalidValue, listOf, strings } from '../values/value.ts';
import { sortedListIn } from './edits.ts';
import { placement } from './draft.ts';
import { listFlags } from './flag.ts';
import { each } from './shown.ts';

/** `spread=NODE-LABEL` (docker/cli cli/command/service/opts.go placementPrefOpts.Set). */
const preferences = listOf('pref', (text) => {
  const [strategy, value] = splitOnce(text, '=');
  if (value === undefined) throw new InvalidValue('must be spread=NODE-LABEL');
  if (strategy !== 'spread') throw new InvalidValue('must be spread=NODE-LABEL: the only strategy is spread');
  return { Spread: { SpreadDescriptor: value } };
});

export const PLACEMENT_FLAGS = [
  ...listFlags({
    name: 'constraint',
    type: strings,
    removed: strings,
    group: 'Placement',
    help: {
      set: 'Placement constraints',
      add: 'Add or update a placement constraint',
      rm: 'Remove a constraint',
    },
    addsFirst: true,
    ...sortedListIn(placement, 'Constraints'),
  }),
  ...listFlags({
    name: 'placement-pref',
    type: preferences,
    removed: preferences,
    group: 'Placement',
    help: {
      set: 'Add a placement preference',
      add: 'Add a placement preference',
      rm: 'Remove a placement preference',
    },
    shows: [each(`${placement.path}.Preferences`, preferenceText)],
    set: (draft, list) => {
      placement(draft).Preferences = list;
    },
    add: (draft, list) => {
      const owner = placement(draft);
      owner.Preferences = [...(owner.Preferences ?? []), ...list];
    },
    rm: (draft, list) => {
      const owner = placement(draft);
      const removed = list.map(({ Spread }) => Spread.SpreadDescriptor);
      owner.Preferences = (owner.Preferences ?? []).filter(
        ({ Spread }) => Spread === undefined || !removed.includes(Spread.SpreadDescriptor ?? ''),
      );
    },
  }),
];

function preferenceText({ Spread }: NonNullable<Placement['Preferences']>[number]): string {
  return `spread=${Spread?.SpreadDescriptor ?? ''}`;
}
