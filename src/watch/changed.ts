/** What a change has changed, for the report (--report). Pure. */
import type { Result } from '../rollout/result.ts';
import { differences } from '../service-spec/differences.ts';
import { printable } from '../values/printable.ts';
import type { ChangeToWatch } from './targets.ts';

const NOT_SHOWN = '(not shown)';

/** Fields whose values often hold credentials. A path is the whole field, if its flag does not show the difference (differences.ts). */
const SECRET_FIELDS =
  /^(env |log-opt |(args|entrypoint|health-cmd)$)|\.(Env|Args|Command|Test|Mounts)$|LogDriver\.Options$|(^|\.)Networks$/;

/** The options of a driver, to the end of the value: an option may have a comma, so nobody knows where they end. */
const DRIVER_OPTIONS = /((?:^|,)VolumeOptions\.DriverConfig\.Options|(?:^|,)driver-opt)[.=].*$/s;

/** What every new service of a stack has, and what the registry has said of its image. */
const OF_EVERY_NEW_SERVICE =
  /^(name$|(container-)?label com\.docker\.stack\.|TaskTemplate\.Placement\.Platforms$)/;

/** The fields that a change has changed. A report is made to be passed on, so values that may be secrets are left out. */
export function changedBy({ action, before, wanted, posted }: ChangeToWatch): NonNullable<Result['changed']> {
  if (action === 'wait' || posted === false) return [];
  const found = differences(before?.Spec, wanted);
  const told = before === undefined ? found.filter(({ field }) => !OF_EVERY_NEW_SERVICE.test(field)) : found;
  return told.map(({ field, before: was, after: is }) => {
    const shown = (value: string): string => shownValue(field, value);
    return {
      field: printable(field),
      ...(was === undefined ? {} : { before: shown(was) }),
      ...(is === undefined ? {} : { after: shown(is) }),
    };
  });
}

/** The value of a field, without what may be a secret. */
function shownValue(field: string, value: string): string {
  if (SECRET_FIELDS.test(field)) return NOT_SHOWN;
  const hasDriver = field.startsWith('mount ') || /^network( order)?$/.test(field);
  return printable(hasDriver ? value.replace(DRIVER_OPTIONS, `$1=${NOT_SHOWN}`) : value);
}
