/** Records a watch as a trace, where one is asked for (npm run trace). */
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import type { observer } from '../engine/observe.ts';
import { namedFields } from '../service-spec/owned-fields.ts';
import { targetOf } from './targets.ts';
import type { Accepted } from './targets.ts';

/** The observer that records; undefined where no trace is asked for, or where several services are watched. */
export async function recording(
  call: Call,
  engine: Engine,
  [accepted, ...others]: readonly Accepted[],
): Promise<typeof observer | undefined> {
  const { trace: write, interrupted } = call.world;
  if (write === undefined || accepted === undefined || others.length > 0) return undefined;
  const [{ recorder }, version] = await Promise.all([import('../engine/record.ts'), engine.version()]);
  const { before, wanted, named = namedFields(call.given) } = accepted;
  return recorder({
    header: ({ spec, service }) => {
      const previous = before === undefined ? {} : { before: service(before) };
      const { intent } = targetOf(call, { ...accepted, ...previous, named, wanted: spec(wanted) });
      return { engine: version, host: engine.host, intent, named };
    },
    write,
    interrupted,
  });
}
