/** How the process of the container runs and stops: user, directory, terminal, signals, kernel settings. */
import { formatDuration } from '../values/duration.ts';
import { splitOnce } from '../values/text.ts';
import { boolean, duration, string, strings } from '../values/value.ts';
import { mapIn, sortedListIn, storesIn } from './edits.ts';
import { container } from './draft.ts';
import { onBoth, listFlags } from './flag.ts';

const sysctls = mapIn(container, 'Sysctls');

export const RUNTIME_FLAGS = [
  onBoth({
    name: 'workdir',
    short: 'w',
    type: string,
    group: 'What runs',
    help: 'Working directory inside the container',
    ...storesIn(container, 'Dir'),
  }),
  onBoth({
    name: 'user',
    short: 'u',
    type: string,
    group: 'What runs',
    help: 'Username or UID (format: <name|uid>[:<group|gid>])',
    ...storesIn(container, 'User'),
  }),
  ...listFlags({
    name: 'group',
    type: strings,
    removed: strings,
    group: 'What runs',
    help: {
      set: 'Set one or more supplementary user groups for the container',
      add: 'Add an additional supplementary user group to the container',
      rm: 'Remove a previously added supplementary user group from the container',
    },
    addsFirst: true,
    ...sortedListIn(container, 'Groups'),
  }),
  onBoth({
    name: 'hostname',
    type: string,
    group: 'What runs',
    help: 'Container hostname',
    ...storesIn(container, 'Hostname'),
  }),
  onBoth({
    name: 'init',
    type: boolean,
    group: 'What runs',
    help: 'Use an init inside each service container to forward signals and reap processes',
    ...storesIn(container, 'Init'),
  }),
  onBoth({
    name: 'isolation',
    type: string,
    group: 'What runs',
    help: 'Service container isolation mode',
    ...storesIn(container, 'Isolation'),
  }),
  onBoth({
    name: 'tty',
    short: 't',
    type: boolean,
    group: 'What runs',
    help: 'Allocate a pseudo-TTY',
    ...storesIn(container, 'TTY'),
  }),
  onBoth({
    name: 'read-only',
    type: boolean,
    group: 'Storage',
    help: "Mount the container's root filesystem as read only",
    ...storesIn(container, 'ReadOnly'),
  }),
  onBoth({
    name: 'stop-signal',
    type: string,
    group: 'What runs',
    help: 'Signal to stop the container',
    ...storesIn(container, 'StopSignal'),
  }),
  onBoth({
    name: 'stop-grace-period',
    type: duration,
    group: 'What runs',
    help: 'Time to wait before force killing a container',
    default: '10s',
    ...storesIn(container, 'StopGracePeriod', formatDuration),
  }),
  ...listFlags({
    name: 'sysctl',
    type: strings,
    removed: strings,
    group: 'What runs',
    help: { set: 'Sysctl options', add: 'Add or update a sysctl option', rm: 'Remove a sysctl option' },
    ...sysctls,
    // KEY=VALUE removes KEY, even if it has another value (docker/cli cli/command/service/update.go updateSysCtls).
    rm: (draft, texts, context) =>
      sysctls.rm(
        draft,
        texts.map((text) => splitOnce(text, '=')[0]),
        context,
      ),
  }),
];
