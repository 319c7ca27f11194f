/** Published ports and how the service is reached by name. */
import { usageError } from '../errors.ts';
import type { PortConfig, ServiceSpec } from '../api/service.ts';
import { parseCsv } from '../values/csv.ts';
import { canonicalIp } from '../values/ip.ts';
import { byBytes, cut } from '../values/text.ts';
import { InvalidValue, listOf, single } from '../values/value.ts';
import { endpoint } from './draft.ts';
import { specFlag } from './flag.ts';

const PROTOCOLS = ['tcp', 'udp', 'sctp'];
const PUBLISH_MODES = ['ingress', 'host'];

/** One text can be several ports: `8080-8081:80-81`. */
const ports = listOf('port', (text) => (/\w+=\w+/.test(text) ? [longForm(text)] : shortForm(text)));

const endpointModes = ['vip', 'dnsrr'];
const endpointMode = single('string', (text) => {
  if (text !== '' && !endpointModes.includes(text.toLowerCase())) {
    throw new InvalidValue(`must be one of ${endpointModes.join(', ')}`);
  }
  return text;
});

export const PORT_FLAGS = [
  specFlag({
    name: 'endpoint-mode',
    type: { ...endpointMode, choices: endpointModes },
    group: 'Network',
    help: 'Endpoint mode',
    default: 'vip',
    create: (draft, mode) => {
      endpoint(draft).Mode = mode.toLowerCase();
    },
    // Docker's create takes capitals, its update does not.
    update: (draft, mode) => {
      if (mode !== mode.toLowerCase())
        throw usageError(`invalid argument "${mode}" for --endpoint-mode: must be in small letters`);
      endpoint(draft).Mode = mode;
    },
  }),
  specFlag({
    name: 'publish',
    short: 'p',
    type: ports,
    group: 'Network',
    help: 'Publish a port as a node port',
    create: (draft, list) => {
      endpoint(draft).Ports = list.flat();
    },
  }),
  specFlag({
    name: 'publish-rm',
    type: ports,
    group: 'Network',
    help: 'Remove a published port by its target port',
    update: (draft, list) => {
      const gone = list.flat();
      const kept = distinct(endpoint(draft).Ports ?? []).filter(
        (port) => !gone.some((one) => sameTarget(one, port)),
      );
      store(draft, kept);
    },
  }),
  specFlag({
    name: 'publish-add',
    type: ports,
    group: 'Network',
    help: 'Add or update a published port',
    // What the service had is not added again, not even where --publish-rm has just taken it off: docker's way.
    update: (draft, list, { stored }) => {
      const had = (stored?.EndpointSpec?.Ports ?? []).map(spelled);
      const added = list.flat().filter((port) => !had.includes(spelled(port)));
      store(draft, [...distinct(endpoint(draft).Ports ?? []), ...added]);
    },
  }),
];

function store(draft: ServiceSpec, list: readonly PortConfig[]): void {
  endpoint(draft).Ports = [...list].sort((a, b) => byBytes(spelled(a), spelled(b)));
}

function spelled({ PublishedPort = 0, TargetPort = 0, Protocol = '', PublishMode = '' }: PortConfig): string {
  return `${PublishedPort}:${TargetPort}/${Protocol}/${PublishMode}`;
}

/** The first of each spelling. */
function distinct(list: readonly PortConfig[]): PortConfig[] {
  return [...new Map([...list].reverse().map((port) => [spelled(port), port])).values()].reverse();
}

function sameTarget(a: PortConfig, b: PortConfig): boolean {
  return (
    a.TargetPort === b.TargetPort &&
    (a.Protocol ?? 'tcp') === (b.Protocol ?? 'tcp') &&
    (a.PublishMode ?? 'ingress') === (b.PublishMode ?? 'ingress')
  );
}

/** `published=8080,target=80,protocol=udp,mode=host` */
function longForm(text: string): PortConfig {
  const port: PortConfig = { Protocol: 'tcp', TargetPort: 0, PublishedPort: 0, PublishMode: 'ingress' };
  for (const field of parseCsv(text)) {
    const [key, value] = cut(field.toLowerCase(), '=');
    if (value === undefined) throw new InvalidValue(`has ${JSON.stringify(field)} where KEY=VALUE is needed`);
    switch (key) {
      case 'protocol':
        port.Protocol = oneOf(PROTOCOLS, key, value);
        break;
      case 'mode':
        port.PublishMode = oneOf(PUBLISH_MODES, key, value);
        break;
      case 'target':
        port.TargetPort = portNumber(value);
        break;
      case 'published':
        port.PublishedPort = portNumber(value);
        break;
      default:
        throw new InvalidValue(`has no key ${JSON.stringify(key)}`);
    }
  }
  if (port.TargetPort === 0) throw new InvalidValue('must have a target');
  return port;
}

/** `[PUBLISHED:]TARGET[/PROTOCOL]`, either with a range of ports */
function shortForm(text: string): PortConfig[] {
  const parts = text.split(':');
  const [container = '', protocol = ''] = (parts.pop() ?? '').split('/');
  const published = parts.pop() ?? '';
  const address = parts.join(':').replace(/^\[(.*)\]$/, '$1');
  if (address !== '') {
    throw new InvalidValue(
      canonicalIp(address) === undefined
        ? `has an address that is none: ${address}`
        : 'must name no address: services listen on all',
    );
  }
  const Protocol = oneOf(PROTOCOLS, 'protocol', protocol === '' ? 'tcp' : protocol.toLowerCase());
  const targets = range(container);
  const hosts = published === '' ? [] : range(published);
  if (hosts.length !== targets.length && hosts.length > 0 && targets.length > 1) {
    throw new InvalidValue('must have ranges of the same length');
  }
  const made = (TargetPort: number, PublishedPort: number): PortConfig => ({
    Protocol,
    TargetPort,
    PublishedPort,
    PublishMode: 'ingress',
  });
  const [only = 0] = targets;
  if (targets.length === 1 && hosts.length > 1) return hosts.map((host) => made(only, host));
  return targets.map((target, index) => made(target, hosts[index] ?? 0));
}

function range(text: string): number[] {
  const [first = '', last = first] = text.split('-');
  const [start, end] = [portNumber(first), portNumber(last)];
  if (end < start) throw new InvalidValue('must have a range that goes up');
  return Array.from({ length: end - start + 1 }, (_, index) => start + index);
}

function portNumber(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) > 65535)
    throw new InvalidValue('must have ports between 0 and 65535');
  return Number(text);
}

function oneOf(choices: readonly string[], key: string, value: string): string {
  if (!choices.includes(value)) throw new InvalidValue(`${key} must be one of ${choices.join(', ')}`);
  return value;
}
