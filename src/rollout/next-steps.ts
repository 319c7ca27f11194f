/** What a person may run next after a rollout that did not converge. */
import { dockerOf } from '../values/docker-program.ts';
import { loginAfter } from '../values/registry-error.ts';
import { shellWord } from '../values/shell-words.ts';
import type { RollbackTarget } from './evidence.ts';
import { tagOf } from './image.ts';
import { isJob } from './slots.ts';
import type { RolloutState } from './state.ts';

/** A command to run next, and what it is for. */
export type NextStep = readonly [command: string, purpose: string];

/**
 * The commands to run next.
 * @param errors those of the failed tasks
 * @param isAboutNodes whether a node is down or none fits
 * @param rollbackTarget how to roll back, if that is known
 */
export function nextSteps(
  state: RolloutState,
  errors: readonly string[],
  isAboutNodes: boolean,
  rollbackTarget: RollbackTarget | undefined,
): readonly NextStep[] {
  const { verdict, intent, unreachable } = state;
  const { program = 'swarmroll' } = intent;
  const name = shellWord(intent.name);
  const details: NextStep = [`${program} ps --no-trunc ${name}`, 'see every task and its error'];
  const progress: NextStep = [
    `${program} ps ${name}`,
    unreachable?.managers === undefined
      ? 'see how the rollout continues'
      : `with -H or --context of another manager, for example ${unreachable.managers[0] ?? ''}`,
  ];
  const unlock: NextStep[] =
    unreachable?.locked === true ? [[`${dockerOf(program)} swarm unlock`, 'unlock the manager']] : [];
  const rollback = namesRollbackTarget(state) ? rollbackSteps(program, name, rollbackTarget) : [];
  const nodes: NextStep[] = isAboutNodes
    ? [[`${dockerOf(program)} node ls`, 'see which nodes there are']]
    : [];
  const login = loginSteps(state, name, errors);
  // What failed is about to be undone.
  if (intent.undoes === true && ['paused', 'failed', 'timedOut'].includes(verdict.kind))
    return intent.action === 'create' ? nodes : [...nodes, ...login];
  switch (verdict.kind) {
    case 'timedOut':
    case 'interrupted':
      return [...unlock, progress, ...nodes, ...login];
    case 'paused':
    case 'failed':
      return [...nodes, ...rollback, ...login, details];
    case 'superseded':
      return [[`${program} inspect --pretty ${name}`, 'see what is stored now'], progress];
    case 'removed':
      return [];
    case 'lost':
    case 'refused': {
      const isAnswered = unreachable?.managers !== undefined || unlock.length > 0;
      return [...unlock, isAnswered ? progress : [progress[0], 'once the manager answers again']];
    }
    case 'rolledBack':
      return [...login, details];
    case 'converged':
    case 'progressing':
      return [details];
  }
}

/**
 * Whether a report says how to roll back. What failed may be undone by the command itself. A rollback of a job, or of a one-shot
 * that must complete, would run the old one: that is no way back.
 */
export const namesRollbackTarget = ({ intent, verdict, seen }: RolloutState): boolean =>
  (intent.action === 'update' || intent.action === 'wait') &&
  intent.undoes !== true &&
  intent.mustComplete !== true &&
  !(seen !== undefined && isJob(seen.service)) &&
  (verdict.kind === 'paused' || verdict.kind === 'failed');

function rollbackSteps(
  program: string,
  name: string,
  rollbackTarget: RollbackTarget | undefined,
): NextStep[] {
  switch (rollbackTarget?.kind) {
    case 'previous':
      return [
        [
          `${program} rollback ${name}`,
          `roll back to the previous spec${rollbackTarget.isUnknown === true ? '; no task of it is kept, so whether it has run is not known' : ''}`,
        ],
      ];
    case 'generation':
      return [
        [
          `${program} rollback --to ${rollbackTarget.id} ${name}`,
          `roll back to ${tagOf(rollbackTarget.image)}, which has run${rollbackTarget.isFading ? '; a few more failures, and the engine deletes it' : ''}`,
        ],
      ];
    case 'image':
      return [
        [
          `${program} update --image ${shellWord(rollbackTarget.image)} ${name}`,
          `use the image of generation ${rollbackTarget.id}, which has run`,
        ],
      ];
    case 'none':
    case undefined:
      return [];
  }
}

/**
 * If nodes could not pull the image and no credentials were sent, the registry may require a login; not so if the registry
 * has said that it has no such image.
 */
function loginSteps(
  { intent, image, verdict }: RolloutState,
  name: string,
  errors: readonly string[],
): NextStep[] {
  const { program = 'swarmroll', authSent, imageMissing } = intent;
  const mayHelp = (error: string): boolean => {
    const login = loginAfter(error);
    return login === 'wanted' || (login === 'possible' && imageMissing !== true);
  };
  if (authSent === true || !errors.some(mayHelp)) return [];
  const again = verdict.kind === 'rolledBack' || intent.undoes === true ? ` --image ${shellWord(image)}` : '';
  return [
    [
      `${program} update --with-registry-auth${again} ${name}`,
      'if the registry requires a login: also send the credentials of docker login',
    ],
  ];
}
