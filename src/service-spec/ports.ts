/** Published ports and the endpoint mode. */
import { usageError } from '../errors.ts';
import type { PortConfig, ServiceSpec } from '../api/service.ts';
import { parseCsv, splitField, unknownKey } from '../values/csv.ts';
import { canonicalIp } from '../values/ip.ts';
import { byBytes } from '../values/text.ts';
import { InvalidValue, listOf, single } from '../values/value.ts';
import { endpoint } from './draft.ts';
import { listFlags, specFlag } from './flag.ts';
import { keyed, one } from './shown.ts';

const PROTOCOLS = ['tcp', 'udp', 'sctp'];
const PUBLISH_MODES = ['ingress', 'host'];

/**
 * Each value is a list, because a text can have several ports: `8080-8081:80-81` (docker/cli
 * opts/swarmopts/port.go Set).
 */
const ports = listOf('port', (text) => (/\w+=\w+/.test(text) ? [longForm(text)] : shortForm(text)));

const ENDPOINT_MODES = ['vip', 'dnsrr'];
const endpointMode = single('string', (text) => {
  if (text !== '' && !ENDPOINT_MODES.includes(text.toLowerCase())) {
    throw new InvalidValue(`must be one of ${ENDPOINT_MODES.join(', ')}`);
  }
  return text;
});

export const PORT_FLAGS = [
  specFlag({
    name: 'endpoint-mode',
    type: { ...endpointMode, choices: ENDPOINT_MODES },
    group: 'Network',
    help: 'Endpoint mode',
    shows: [one(`${endpoint.path}.Mode`)],
    default: 'vip',
    create: (draft, mode) => {
      endpoint(draft).Mode = mode.toLowerCase();
    },
    // docker's create converts the mode to lower case (docker/cli cli/command/service/opts.go ToEndpointSpec),
    // its update does not.
    update: (draft, mode) => {
      if (mode !== mode.toLowerCase())
        throw usageError(`invalid argument "${mode}" for --endpoint-mode: must be in lower case`);
      endpoint(draft).Mode = mode;
    },
  }),
  ...listFlags({
    name: 'publish',
    short: 'p',
    type: ports,
    removed: ports,
    group: 'Network',
    help: {
      set: 'Publish a port as a node port',
      add: 'Add or update a published port',
      rm: 'Remove a published port by its target port',
    },
    shows: [keyed(`${endpoint.path}.Ports`, portText)],
    set: (draft, list) => {
      endpoint(draft).Ports = list.flat();
    },
    // A port of the stored spec is not added again, even if --publish-rm removes it in the same command line: docker
    // compares with the ports before the removal (docker/cli cli/command/service/update.go updatePorts).
    add: (draft, list, { stored }) => {
      const storedKeys = (stored?.EndpointSpec?.Ports ?? []).map(portKey);
      const added = list.flat().filter((port) => !storedKeys.includes(portKey(port)));
      storePorts(draft, [...distinct(endpoint(draft).Ports ?? []), ...added]);
    },
    rm: (draft, list) => {
      const removed = list.flat();
      const kept = distinct(endpoint(draft).Ports ?? []).filter(
        (port) => !removed.some((entry) => isSameTarget(entry, port)),
      );
      storePorts(draft, kept);
    },
  }),
];

/** Stores the ports, sorted as docker does on update. */
function storePorts(draft: ServiceSpec, list: readonly PortConfig[]): void {
  endpoint(draft).Ports = [...list].sort((a, b) => byBytes(portKey(a), portKey(b)));
}

/**
 * All fields of a port as one text, to compare and to sort (docker/cli cli/command/service/update.go
 * portConfigToString).
 */
function portKey({ PublishedPort = 0, TargetPort = 0, Protocol = '', PublishMode = '' }: PortConfig): string {
  return `${PublishedPort}:${TargetPort}/${Protocol}/${PublishMode}`;
}

function distinct(list: readonly PortConfig[]): PortConfig[] {
  return [...new Map([...list].reverse().map((port) => [portKey(port), port])).values()].reverse();
}

/**
 * Whether --publish-rm with `a` removes `b`. The published port does not matter (docker/cli
 * cli/command/service/update.go updatePorts).
 */
function isSameTarget(a: PortConfig, b: PortConfig): boolean {
  return (
    a.TargetPort === b.TargetPort &&
    (a.Protocol ?? 'tcp') === (b.Protocol ?? 'tcp') &&
    (a.PublishMode ?? 'ingress') === (b.PublishMode ?? 'ingress')
  );
}

/** Reads `published=8080,target=80,protocol=udp,mode=host`; @throws InvalidValue */
function longForm(text: string): PortConfig {
  const port: PortConfig = { Protocol: 'tcp', TargetPort: 0, PublishedPort: 0, PublishMode: 'ingress' };
  for (const field of parseCsv(text)) {
    const [key, value] = splitField(field.toLowerCase());
    switch (key) {
      case 'protocol':
        port.Protocol = requireOneOf(PROTOCOLS, key, value);
        break;
      case 'mode':
        port.PublishMode = requireOneOf(PUBLISH_MODES, key, value);
        break;
      case 'target':
        port.TargetPort = portNumber(value);
        break;
      case 'published':
        port.PublishedPort = portNumber(value);
        break;
      default:
        throw unknownKey(key);
    }
  }
  if (port.TargetPort === 0) throw new InvalidValue('must have a target');
  return port;
}

/** Reads `[PUBLISHED:]TARGET[/PROTOCOL]`; each of the two can be a range of ports. @throws InvalidValue */
function shortForm(text: string): PortConfig[] {
  const parts = text.split(':');
  const [container = '', protocol = ''] = (parts.pop() ?? '').split('/');
  const published = parts.pop() ?? '';
  const address = parts.join(':').replace(/^\[(.*)\]$/, '$1');
  if (address !== '') {
    throw new InvalidValue(
      canonicalIp(address) === undefined
        ? `has an invalid IP address ${JSON.stringify(address)}`
        : 'must not have an IP address: a service is published on all addresses',
    );
  }
  const Protocol = requireOneOf(PROTOCOLS, 'protocol', protocol === '' ? 'tcp' : protocol.toLowerCase());
  const targets = portRange(container);
  const hosts = published === '' ? [] : portRange(published);
  if (hosts.length !== targets.length && hosts.length > 0 && targets.length > 1) {
    throw new InvalidValue('must have two port ranges of the same length');
  }
  const portConfig = (TargetPort: number, PublishedPort: number): PortConfig => ({
    Protocol,
    TargetPort,
    PublishedPort,
    PublishMode: 'ingress',
  });
  const [only = 0] = targets;
  if (targets.length === 1 && hosts.length > 1) return hosts.map((host) => portConfig(only, host));
  return targets.map((target, index) => portConfig(target, hosts[index] ?? 0));
}

/** `80` → [80], `80-82` → [80, 81, 82] */
function portRange(text: string): number[] {
  const [first = '', last = first] = text.split('-');
  const [start, end] = [portNumber(first), portNumber(last)];
  if (end < start) throw new InvalidValue('must have a port range from the lower to the higher port');
  return Array.from({ length: end - start + 1 }, (_, index) => start + index);
}

function portNumber(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) > 65535)
    throw new InvalidValue('must have ports between 0 and 65535');
  return Number(text);
}

function requireOneOf(choices: readonly string[], key: string, value: string): string {
  if (!choices.includes(value)) throw new InvalidValue(`${key} must be one of ${choices.join(', ')}`);
  return value;
}

/** "8080:80", with the protocol if it is not tcp. The value is the mode, ingress or host. */
function portText({
  PublishedPort = 0,
  TargetPort = 0,
  Protocol = '',
  PublishMode = '',
}: PortConfig): [key: string, value: string] {
  const ports = PublishedPort === 0 ? `${TargetPort}` : `${PublishedPort}:${TargetPort}`;
  const protocol = Protocol === '' || Protocol === 'tcp' ? '' : `/${Protocol}`;
  return [`${ports}${protocol}`, PublishMode === '' ? 'ingress' : PublishMode];
}
