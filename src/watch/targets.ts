/** Turns the change of a command into a target of the watch. */
import type { Service, ServiceSpec } from '../api/service.ts';
import type { Call } from '../command-line/command.ts';
import { digestOf } from '../engine/convert.ts';
import type { Result } from '../rollout/result.ts';
import type { Intent } from '../rollout/state.ts';
import { isJobSpec } from '../service-spec/mode.ts';
import { namedFields, ownedDigest } from '../service-spec/owned-fields.ts';
import type { FieldPath } from '../service-spec/owned-fields.ts';
import { printable } from '../values/printable.ts';
import type { Target } from './loop.ts';
import { undoesOnFailure, watchLimitsOf } from './rollout-flags.ts';
import type { WatchLimits } from './rollout-flags.ts';

/** What one command did to a service, for the watch. `posted` is false if nothing was sent: the service already had this spec. */
export interface ChangeToWatch
  extends
    Pick<Intent, 'action' | 'serviceId' | 'name' | 'startedAt'>,
    Pick<Intent, 'authSent' | 'imageMissing' | 'posted' | 'image' | 'isWanted' | 'mustComplete'> {
  /** The spec that was asked for. */
  readonly wanted: ServiceSpec;
  /** The service before the change; absent for create. */
  readonly before?: Service;
  /** The fields that the change owns beside the task template and the ports. Absent: those that the flags name. */
  readonly named?: readonly FieldPath[];
  /** The spec that an undo stores again. Absent: that of `before`. */
  readonly undoTo?: ServiceSpec;
  /** True if the command has removed the service `before`: there is nothing to watch. */
  readonly removed?: true;
  /** Absent: those of the command line. */
  readonly limits?: WatchLimits;
  /** The changes that it came after in the order of the stack, by their names. Absent: none. */
  readonly waitsFor?: readonly string[];
}

/** Whether the tasks of a change are meant to end. It is not undone: the engine would run those of the spec before again (seen on 28.5). */
export const isOneShot = ({ wanted, mustComplete }: ChangeToWatch): boolean =>
  isJobSpec(wanted) || mustComplete === true;

/** What came of sending a change: what is to be watched or, if there is nothing, the result. */
export type SentChange = { readonly accepted: ChangeToWatch } | { readonly result: Result };

/** A change that is sent while others are watched, once these have converged. */
export interface LaterChange extends Pick<ChangeToWatch, 'action' | 'name'> {
  /** Absent: it is created. */
  readonly serviceId?: string;
  /** The changes that have to converge first, by their names. */
  readonly waitsFor: readonly string[];
  /** It is sent also if these ended in another way. */
  readonly always?: true;
  /** @param call prints above the progress */
  readonly send: (call: Call) => Promise<SentChange>;
}

export function targetOf({ given, world }: Call, accepted: ChangeToWatch): Target {
  const {
    before,
    wanted,
    undoTo,
    limits = { ...watchLimitsOf(given), timeoutFrom: world.startedAt },
    named = namedFields(given),
    waitsFor: _,
    ...change
  } = accepted;
  const ownedOf = (spec: ServiceSpec): string => ownedDigest(spec, named);
  const intent: Intent = {
    ...change,
    owned: ownedOf(wanted),
    ...(before === undefined ? {} : intentBefore(before, accepted, ownedOf)),
    ...limits,
    ...(undoesOnFailure(given) && change.action !== 'wait' ? { undoes: true } : {}),
    program: world.program,
  };
  return { intent, ownedOf };
}

/** The fields of the intent about the time before the change. If nothing was sent: the spec that the engine replaces. */
function intentBefore(
  { Spec, PreviousSpec, Version }: Service,
  { posted = true }: ChangeToWatch,
  ownedOf: (spec: ServiceSpec) => string,
): Partial<Intent> {
  const spec = posted ? Spec : PreviousSpec;
  return {
    versionBefore: Version.Index,
    imageBefore: printable((spec ?? Spec).TaskTemplate.ContainerSpec?.Image ?? ''),
    ...(spec === undefined ? {} : { replaced: digestOf(spec), replacedOwned: ownedOf(spec) }),
  };
}
