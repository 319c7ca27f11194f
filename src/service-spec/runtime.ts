/** How the process of the container runs and stops: user, directory, terminal, signals, kernel settings. */
import { boolean, duration, string, strings } from '../values/value.ts';
import { addSorted, setField, removeKeys, removeSorted, replaceList, setKeys } from './edits.ts';
import { container } from './draft.ts';
import { onBoth, specFlag } from './flag.ts';

const removeSysctls = removeKeys(container, 'Sysctls');

export const RUNTIME_FLAGS = [
  onBoth({
    name: 'workdir',
    short: 'w',
    type: string,
    group: 'What runs',
    help: 'Working directory inside the container',
    edit: setField(container, 'Dir'),
  }),
  onBoth({
    name: 'user',
    short: 'u',
    type: string,
    group: 'What runs',
    help: 'Username or UID (format: <name|uid>[:<group|gid>])',
    edit: setField(container, 'User'),
  }),
  specFlag({
    name: 'group',
    type: strings,
    group: 'What runs',
    help: 'Set one or more supplementary user groups for the container',
    since: '1.25',
    create: replaceList(container, 'Groups'),
  }),
  specFlag({
    name: 'group-add',
    type: strings,
    group: 'What runs',
    help: 'Add an additional supplementary user group to the container',
    since: '1.25',
    update: addSorted(container, 'Groups'),
  }),
  specFlag({
    name: 'group-rm',
    type: strings,
    group: 'What runs',
    help: 'Remove a previously added supplementary user group from the container',
    since: '1.25',
    update: removeSorted(container, 'Groups'),
  }),
  onBoth({
    name: 'hostname',
    type: string,
    group: 'What runs',
    help: 'Container hostname',
    since: '1.25',
    edit: setField(container, 'Hostname'),
  }),
  onBoth({
    name: 'init',
    type: boolean,
    group: 'What runs',
    help: 'Use an init inside each service container to forward signals and reap processes',
    since: '1.37',
    edit: setField(container, 'Init'),
  }),
  onBoth({
    name: 'isolation',
    type: string,
    group: 'What runs',
    help: 'Service container isolation mode',
    since: '1.35',
    edit: setField(container, 'Isolation'),
  }),
  onBoth({
    name: 'tty',
    short: 't',
    type: boolean,
    group: 'What runs',
    help: 'Allocate a pseudo-TTY',
    since: '1.25',
    edit: setField(container, 'TTY'),
  }),
  onBoth({
    name: 'read-only',
    type: boolean,
    group: 'Storage',
    help: "Mount the container's root filesystem as read only",
    since: '1.28',
    edit: setField(container, 'ReadOnly'),
  }),
  onBoth({
    name: 'stop-signal',
    type: string,
    group: 'What runs',
    help: 'Signal to stop the container',
    since: '1.28',
    edit: setField(container, 'StopSignal'),
  }),
  onBoth({
    name: 'stop-grace-period',
    type: duration,
    group: 'What runs',
    help: 'Time to wait before force killing a container',
    default: '10s',
    edit: setField(container, 'StopGracePeriod'),
  }),
  specFlag({
    name: 'sysctl',
    type: strings,
    group: 'What runs',
    help: 'Sysctl options',
    since: '1.40',
    create: setKeys(container, 'Sysctls'),
  }),
  specFlag({
    name: 'sysctl-rm',
    type: strings,
    group: 'What runs',
    help: 'Remove a sysctl option',
    since: '1.40',
    // KEY=VALUE removes KEY, even if it has another value (docker/cli cli/command/service/update.go updateSysCtls).
    update: (draft, texts, context) =>
      removeSysctls(
        draft,
        texts.map((text) => text.split('=', 1)[0] ?? text),
        context,
      ),
  }),
  specFlag({
    name: 'sysctl-add',
    type: strings,
    group: 'What runs',
    help: 'Add or update a sysctl option',
    since: '1.40',
    update: setKeys(container, 'Sysctls'),
  }),
];
