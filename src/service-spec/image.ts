/** What the container runs: the image, its arguments and its entrypoint. */
import { usageError } from '../errors.ts';
import { familiar, parseReference, withTag } from '../values/reference.ts';
import { splitShellWords } from '../values/shell-words.ts';
import { InvalidValue, boolean, single } from '../values/value.ts';
import { assign } from './change.ts';
import { container, task } from './draft.ts';
import { onBoth, specFlag } from './flag.ts';

const command = single('command', splitShellWords);

const reference = single('string', (text) => {
  const image = storedImage(text);
  if (image === undefined) throw new InvalidValue('must be an image such as registry:5000/team/web:1.2');
  return image;
});

/** On update; the image is then asked for in its registry even where it stays the same. */
export const image = specFlag({
  name: 'image',
  type: reference,
  group: 'What runs',
  help: 'Service image tag',
  update: assign(container, 'Image'),
});

export const IMAGE_FLAGS = [
  image,
  specFlag({
    name: 'args',
    type: command,
    group: 'What runs',
    help: 'Service command args',
    update: assign(container, 'Args'),
  }),
  onBoth({
    name: 'entrypoint',
    type: command,
    group: 'What runs',
    help: 'Overwrite the default ENTRYPOINT of the image',
    change: assign(container, 'Command'),
  }),
  specFlag({
    name: 'force',
    type: boolean,
    group: 'Update',
    help: 'Force update even if no changes require it',
    since: '1.25',
    update: (draft, force) => {
      if (force) task(draft).ForceUpdate = (task(draft).ForceUpdate ?? 0) + 1;
    },
  }),
];

/**
 * The operand IMAGE as a spec holds it: in its short form, with a tag.
 * @throws SwarmrollError `usage` when it can't be an image
 */
export function imageOperand(text: string): string {
  const image = storedImage(text);
  if (image === undefined) throw usageError(`invalid image ${JSON.stringify(text)}: not a name of an image`);
  return image;
}

function storedImage(text: string): string | undefined {
  const parsed = parseReference(text);
  return parsed === undefined ? undefined : familiar(withTag(parsed));
}
