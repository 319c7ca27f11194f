/** The image, its arguments and its entrypoint, and the flag that replaces all tasks. */
import { usageError } from '../errors.ts';
import { familiar, parseReference, withDefaultTag } from '../values/reference.ts';
import { splitShellWords } from '../values/shell-words.ts';
import { boolean, parsedBy, single } from '../values/value.ts';
import { setField, storesIn } from './edits.ts';
import { container, task } from './draft.ts';
import { onBoth, specFlag } from './flag.ts';
import { asWords, one } from './shown.ts';

const command = single('command', splitShellWords);

export const MUST_BE_AN_IMAGE = 'must be an image such as registry:5000/team/web:1.2';
const imageReference = parsedBy('string', storedImage, MUST_BE_AN_IMAGE);

/**
 * The flag --image of `update`. If it is given, the command asks the registry for the digest, even of the same
 * image.
 */
export const imageFlag = specFlag({
  name: 'image',
  type: imageReference,
  group: 'What runs',
  help: 'Service image tag',
  shows: [one(`${container.path}.Image`)],
  update: setField(container, 'Image'),
});

export const IMAGE_FLAGS = [
  imageFlag,
  specFlag({
    name: 'args',
    type: command,
    group: 'What runs',
    help: 'Service command args',
    shows: [one(`${container.path}.Args`, asWords)],
    update: setField(container, 'Args'),
  }),
  onBoth({
    name: 'entrypoint',
    type: command,
    group: 'What runs',
    help: 'Overwrite the default ENTRYPOINT of the image',
    ...storesIn(container, 'Command', asWords),
  }),
  specFlag({
    name: 'force',
    type: boolean,
    group: 'Update',
    help: 'Force update even if no changes require it',
    shows: [one(`${task.path}.ForceUpdate`)],
    update: (draft, force) => {
      if (force) task(draft).ForceUpdate = (task(draft).ForceUpdate ?? 0) + 1;
    },
  }),
];

/**
 * Converts the operand IMAGE to the form that a spec stores: short, with a tag.
 * @throws SwarmrollError `usage` if it is not an image
 */
export function imageOperand(text: string): string {
  const image = storedImage(text);
  if (image === undefined) throw usageError(`invalid image ${JSON.stringify(text)}: ${MUST_BE_AN_IMAGE}`);
  return image;
}

/** `nginx` → `nginx:latest`; undefined if the text is not an image. */
function storedImage(text: string): string | undefined {
  const parsed = parseReference(text);
  return parsed === undefined ? undefined : familiar(withDefaultTag(parsed));
}
