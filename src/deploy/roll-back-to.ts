/** `rollback --to ID`: gives a service an earlier task template again, by an update. */
import { STACK_IMAGE } from '../api/stack-labels.ts';
import type { Service, TaskSpec } from '../api/service.ts';
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { SwarmrollError } from '../errors.ts';
import { templateId, withPrefix } from '../generations/generations.ts';
import type { Generation } from '../generations/generations.ts';
import { readHistory } from '../generations/read.ts';
import type { History } from '../generations/read.ts';
import { isImage } from '../rollout/image.ts';
import { shortImage } from '../values/reference.ts';
import { shellWord } from '../values/shell-words.ts';
import { areGone, missingObjects } from '../watch/missing-objects.ts';
import { printNote } from '../send/send-update.ts';
import type { Update } from '../send/send-update.ts';
import { updateAndFollow } from './update-one.ts';
import { warn } from '../watch/warn.ts';

/**
 * Stores the task template with this id again, and changes nothing else of the spec. Nothing is resolved anew: the image has its old
 * digest. If the service has this template already, its tasks are only watched.
 * @param ref the service as the user named it
 * @param prefix the start of the id
 * @returns the exit code
 * @throws SwarmrollError `notFound` if the template, or a network, secret or config that it uses, is gone; `refused` if
 *   several ids start so; else as updateAndFollow
 */
export async function rollBackTo(call: Call, engine: Engine, ref: string, prefix: string): Promise<number> {
  const { program, interrupted } = call.world;
  const history = await readHistory(engine, ref, interrupted);
  const generation = chosen(history, ref, prefix, program);
  const { id, template } = generation;
  const leftOut = leftOutOf(generation);
  if (leftOut.length > 0)
    printNote(call, ref, `left out: the constraint ${leftOut.join(', ')}, which a node drain has left`);
  const { service } = history;
  const image = template.ContainerSpec?.Image ?? '';
  if (id === templateId(service.Spec.TaskTemplate)) {
    printNote(call, ref, `already there: ${id} is the current task template`);
    return updateAndFollow(call, engine, service, ref, { spec: service.Spec, named: [] });
  }
  const update = withTemplate(service, template);
  const gone = await missingObjects(engine, update.spec, (reason) =>
    warn(call.world, [`not checked: ${reason}`]),
  );
  if (gone.length > 0) {
    const text = `${ref}: cannot roll back to ${id}: ${areGone(gone)}; nothing was sent`;
    const hint = `to set its image alone: ${program} update --image ${shellWord(image)} ${shellWord(ref)}`;
    throw new SwarmrollError('notFound', text, { hint });
  }
  printNote(
    call,
    ref,
    `rolling back to the task template ${id} (${shortImage(image)}); replicas, ports, labels and update settings stay as they are`,
  );
  return updateAndFollow(call, engine, service, ref, update);
}

function chosen({ generations }: History, ref: string, prefix: string, program: string): Generation {
  const [generation, ...others] = withPrefix(generations, prefix);
  const hint = `see what is kept with: ${program} history ${shellWord(ref)}`;
  if (generation === undefined)
    throw new SwarmrollError('notFound', `${ref}: no generation ${prefix} is kept; nothing was sent`, {
      hint,
    });
  if (others.length === 0) return generation;
  const ids = [generation, ...others].map(({ id }) => id).join(', ');
  throw new SwarmrollError('refused', `${ref}: several generations start with ${prefix}: ${ids}`, { hint });
}

/** The constraints that a node drain, which is over, has left on these tasks. The template is without them (generationsOf). */
function leftOutOf({ template, tasks }: Generation): readonly string[] {
  const all = tasks.flatMap(({ Spec }) => Spec.Placement?.Constraints ?? []);
  return [...new Set(all)].filter((one) => template.Placement?.Constraints?.includes(one) !== true);
}

/** The current spec with another task template. It also changes the label com.docker.stack.image, if there is one. */
function withTemplate({ Spec, PreviousSpec }: Service, template: TaskSpec): Update {
  const { Runtime } = Spec.TaskTemplate;
  const spec = {
    ...structuredClone(Spec),
    TaskTemplate: { ...(Runtime === undefined ? {} : { Runtime }), ...structuredClone(template) },
  };
  const label = spec.Labels?.[STACK_IMAGE];
  const image = template.ContainerSpec?.Image ?? '';
  if (label === undefined || isImage(image, label)) return { spec, named: [] };
  // A task does not have this label. So it is that of the previous spec if that has the same image, else the image itself.
  const earlier = PreviousSpec?.Labels?.[STACK_IMAGE];
  const isEarlier = earlier !== undefined && isImage(image, earlier);
  spec.Labels = { ...spec.Labels, [STACK_IMAGE]: isEarlier ? earlier : withoutDigest(image) };
  return { spec, named: [['Labels', STACK_IMAGE]] };
}

/** "ping:1.0@sha256:..." → "ping:1.0"; an image that has only a digest keeps it. */
const withoutDigest = (image: string): string => image.replace(/(:[^/@]+)@.*$/, '$1');
