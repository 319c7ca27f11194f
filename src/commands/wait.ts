/** swarmroll wait: watches services until each has a verdict, no matter who deployed them. */
import type { CommandBody } from '../command-line/command.ts';
import type { Flag } from '../command-line/flag.ts';
import { followMany } from '../deploy/follow-many.ts';
import { WATCH_FLAGS } from '../watch/rollout-flags.ts';
import { SELECTION_FLAGS, selectServices, selectionOf } from '../deploy/select-services.ts';
import { MUST_BE_AN_IMAGE } from '../service-spec/image.ts';
import { waitFor } from '../watch/wait-for.ts';
import { parsedBy } from '../values/value.ts';

const image: Flag<string> = {
  name: 'image',
  // What is stored may also be the id of an image.
  type: parsedBy('string', (text) => (/^\S+$/.test(text) ? text : undefined), MUST_BE_AN_IMAGE),
  group: 'Services',
  help: 'The image that the service must have; with another one, exit with 7',
};

export const wait: CommandBody = {
  operands: [{ kind: 'service', many: true, optional: true }],
  flags: [...SELECTION_FLAGS, image, ...WATCH_FLAGS],
  examples: [
    ['swarmroll wait --stack app --timeout 10m', 'in CI: after docker stack deploy'],
    ['swarmroll wait --image nginx:1.28 web', 'wait until web runs this image'],
  ],
  run: async (call) => {
    const { given, operands, world } = call;
    const selection = selectionOf(call, 'wait');
    const engine = await world.engine();
    const services = await selectServices(engine, operands, selection, world.interrupted);
    const wanted = given.get(image);
    const targets = services.map((service) => waitFor(service, world.clock.now(), wanted));
    return followMany(call, engine, 'wait', targets);
  },
};
