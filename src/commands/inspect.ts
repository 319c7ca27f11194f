/** swarmroll inspect: prints the services that the engine returns. */
import { configuredFormat } from '../connection/docker-config.ts';
import type { Engine } from '../engine/client.ts';
import type { Service } from '../api/service.ts';
import { EXIT_CODES, SwarmrollError, usageError } from '../errors.ts';
import type { Flag, Given } from '../command-line/flag.ts';
import { prettyService } from '../listing/pretty.ts';
import { COMPACT, INDENTED, goJson } from '../values/go-json.ts';
import { printableData, printableLines } from '../values/printable.ts';
import { boolean, string } from '../values/value.ts';
import type { World } from '../world.ts';
import type { Call, CommandBody } from '../command-line/command.ts';
import { configSource } from '../command-line/common-flags.ts';
import { noSuchServices } from '../engine/find-services.ts';
import { networkNames } from '../engine/lookup.ts';

const format: Flag<string> = {
  name: 'format',
  short: 'f',
  type: string,
  group: 'Output',
  help: 'Output format: json, or a Go template',
};

const pretty: Flag<boolean> = {
  name: 'pretty',
  type: boolean,
  group: 'Output',
  help: 'Print in a format that is easy to read',
};

export const inspect: CommandBody = {
  operands: [{ kind: 'service', many: true }],
  flags: [format, pretty],
  exits: { done: 'the services were shown' },
  examples: [
    ['swarmroll inspect --pretty web', 'a summary of a service'],
    ["swarmroll inspect -f '{{.Spec.TaskTemplate.ContainerSpec.Image}}' web", 'the image of a service'],
  ],
  run,
};

async function run({ given, operands, world }: Call): Promise<number> {
  const print = await printer(given, world);
  const engine = await world.engine();
  const found = await Promise.all(operands.map((ref) => readService(engine, ref, world.interrupted)));
  const services = found.filter((one): one is Service => !(one instanceof SwarmrollError));
  const errors = found.filter((one) => one instanceof SwarmrollError);
  if (print === 'pretty') {
    // As docker: if one service is missing, none is printed.
    if (errors[0] !== undefined) throw errors[0];
    const networks = await networkNamesOf(engine, services);
    const now = world.clock.date().getTime();
    const pages = services.map((service) => prettyService(service, networks, now)).join('');
    world.stdout.write(world.stdout.isTTY === true ? printableLines(pages) : pages);
    return EXIT_CODES.done;
  }
  const printed = print(services);
  world.stdout.write(printed.text);
  const all = [...errors, ...printed.errors];
  const [first] = all;
  if (first !== undefined) {
    throw new SwarmrollError(first.kind, all.map(({ message }) => message).join('; '), { hint: first.hint });
  }
  return EXIT_CODES.done;
}

interface Printed {
  readonly text: string;
  readonly errors: readonly SwarmrollError[];
}

/**
 * The function that prints the services in the format of --pretty and --format.
 * @throws SwarmrollError `usage` for flags that exclude each other, `refused` for a template that does not parse
 */
async function printer(
  given: Given,
  world: World,
): Promise<'pretty' | ((services: readonly Service[]) => Printed)> {
  if (given.get(pretty) === true) {
    if ((given.get(format) ?? '') !== '') throw usageError('--format and --pretty exclude each other');
    return 'pretty';
  }
  const asked =
    given.get(format) || (await configuredFormat('serviceInspectFormat', configSource(given, world)));
  if (asked === 'pretty') return 'pretty';
  if (asked.startsWith('pretty')) {
    throw usageError(
      `invalid argument ${JSON.stringify(asked)} for --format: nothing may follow the name pretty`,
    );
  }
  const template = asked.replace(/^raw/, '');
  // As with ls, only a terminal gets printable text; pipes get the same bytes as from docker. The user's own template may
  // print colours, so there only the data is made printable, not the output.
  const isTerminal = world.stdout.isTTY === true;
  if (template === '' || template === 'json') {
    const style = template === '' ? INDENTED : COMPACT;
    return (services) => {
      const text = `${goJson(services, style)}\n`;
      return { text: isTerminal ? printableLines(text) : text, errors: [] };
    };
  }
  // The import takes time, so it only runs if there is a template.
  const { readServiceFormat } = await import('../listing/formats.ts');
  const formatOne = readServiceFormat(template);
  return printEach(isTerminal ? (service) => formatOne(printableData(service, printableLines)) : formatOne);
}

/** A line a service; an empty one where there is nothing to print, as docker does. */
function printEach(formatOne: (service: Service) => string): (services: readonly Service[]) => Printed {
  return (services) => {
    const errors: SwarmrollError[] = [];
    const lines = services.flatMap((service) => {
      try {
        return [`${formatOne(service)}\n`];
      } catch (error) {
        if (!(error instanceof SwarmrollError)) throw error;
        errors.push(error);
        return [];
      }
    });
    return { text: lines.length === 0 ? '\n' : lines.join(''), errors };
  };
}

/** A service with the engine's defaults filled in, or the error of its reference. @throws SwarmrollError if the engine cannot answer */
async function readService(
  engine: Engine,
  ref: string,
  signal: AbortSignal,
): Promise<Service | SwarmrollError> {
  try {
    return await engine.service(ref, { insertDefaults: true, signal });
  } catch (error) {
    if (!(error instanceof SwarmrollError)) throw error;
    if (error.kind === 'notFound') return noSuchServices([ref], engine.host);
    if (error.kind === 'refused') return error;
    throw error;
  }
}

/** The names of the services' networks, by id. As docker: after an error, the id is shown instead of the name. */
async function networkNamesOf(
  engine: Engine,
  services: readonly Service[],
): Promise<ReadonlyMap<string, string>> {
  const attached = services.flatMap(({ Spec }) => Spec.TaskTemplate.Networks ?? []);
  const ids = attached.map(({ Target = '' }) => Target);
  return networkNames(engine, ids).catch((error: unknown) => {
    if (error instanceof SwarmrollError) return new Map<string, string>();
    throw error;
  });
}
