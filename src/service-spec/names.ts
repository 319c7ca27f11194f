/** Name resolution in the container: DNS configuration and entries of /etc/hosts. */
import type { DNSConfig, ServiceSpec } from '../api/service.ts';
import { byAddress, canonicalIp } from '../values/ip.ts';
import { byBytes, splitOnce } from '../values/text.ts';
import { InvalidValue, listOf, strings } from '../values/value.ts';
import { editList, listIn } from './edits.ts';
import { container, partAt } from './draft.ts';
import { listFlags } from './flag.ts';
import type { SpecEdit } from './flag.ts';

/** IP addresses in canonical form (docker/cli opts/opts.go ValidateIPAddress). */
const addresses = listOf('list', (text) => {
  const address = canonicalIp(text.trim());
  if (address === undefined) throw new InvalidValue('must be an IP address');
  return address;
});

const DOMAIN_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
// docker accepts colons before a label (docker/cli opts/opts.go domainRegexp: it has `(:?` in place of `(?:`).
const DOMAIN = new RegExp(`^(:{0,2}${DOMAIN_LABEL}(?::?\\.:?${DOMAIN_LABEL})*)\\.?\\s*$`);
const MAX_DOMAIN_LENGTH = 254;

/**
 * Domain names without a final dot (docker/cli opts/opts.go ValidateDNSSearch). The domain "." is an empty
 * search list.
 */
const domains = listOf('list', (text) => {
  const trimmed = text.replace(/^ +| +$/g, '');
  if (trimmed === '.') return trimmed;
  const [, domain] = DOMAIN.exec(trimmed) ?? [];
  if (domain === undefined || !/[a-zA-Z]/.test(domain) || domain.length > MAX_DOMAIN_LENGTH) {
    throw new InvalidValue('must be a domain such as example.com');
  }
  return domain;
});

/**
 * `HOST:IP` or `HOST=IP`; the value is a line of a hosts file: `IP HOST`.
 * (docker/cli opts/hosts.go ValidateExtraHost; docker/cli cli/command/service/opts.go convertExtraHostsToSwarmHosts)
 */
const hosts = listOf('list', (text) => {
  const [host, rest] = splitOnce(text, text.includes('=') ? '=' : ':');
  const address = rest?.replace(/^\[(.+)\]$/, '$1');
  if (address === undefined || host === '' || host.includes(':')) throw new InvalidValue('must be HOST:IP');
  if (address !== 'host-gateway' && canonicalIp(address.trim()) === undefined) {
    throw new InvalidValue('must be HOST:IP, with an IP address or host-gateway');
  }
  return `${address} ${host}`;
});

const dns = partAt(
  `${container.path}.DNSConfig`,
  (draft: ServiceSpec): DNSConfig => (container(draft).DNSConfig ??= {}),
);

/**
 * Adds and removes what the flags of the whole command line say, and sorts all three lists. docker 29 keeps a domain or an
 * option that comes twice, unless the two are neighbours before it sorts. So this starts from the stored lists: after the edit
 * of another flag they would be sorted. (docker/cli v29.7.2 cli/command/service/update.go updateDNSConfig)
 */
const editDns: SpecEdit<string[]> = (draft, _, { given, stored }) => {
  const before = stored?.TaskTemplate.ContainerSpec?.DNSConfig;
  const after = dns(draft);
  for (const { field, add, remove, once, order } of DNS_LISTS) {
    const removed = given.get(remove) ?? [];
    const list = once([...(before?.[field] ?? []), ...(given.get(add) ?? [])]);
    const kept = list.filter((text) => !removed.includes(text)).sort(order);
    if (after[field] || kept.length > 0) after[field] = kept;
  }
};

const [dnsServers, dnsRm, dnsAdd] = listFlags({
  name: 'dns',
  type: addresses,
  removed: strings,
  group: 'Network',
  help: {
    set: 'Set custom DNS servers',
    add: 'Add or update a custom DNS server',
    rm: 'Remove a custom DNS server',
  },
  ...listIn(dns, 'Nameservers'),
  add: editDns,
  rm: editDns,
});

const [dnsSearch, dnsSearchRm, dnsSearchAdd] = listFlags({
  name: 'dns-search',
  type: domains,
  removed: strings,
  group: 'Network',
  help: {
    set: 'Set custom DNS search domains',
    add: 'Add or update a custom DNS search domain',
    rm: 'Remove a DNS search domain',
  },
  ...listIn(dns, 'Search'),
  add: editDns,
  rm: editDns,
});

const [dnsOption, dnsOptionRm, dnsOptionAdd] = listFlags({
  name: 'dns-option',
  type: strings,
  removed: strings,
  group: 'Network',
  help: { set: 'Set DNS options', add: 'Add or update a DNS option', rm: 'Remove a DNS option' },
  ...listIn(dns, 'Options'),
  add: editDns,
  rm: editDns,
});

const distinct = (list: readonly string[]): string[] => [...new Set(list)];
const withoutEqualNeighbours = (list: readonly string[]): string[] =>
  list.filter((text, index) => index === 0 || text !== list[index - 1]);

const DNS_LISTS = [
  { field: 'Nameservers', add: dnsAdd, remove: dnsRm, once: distinct, order: byAddress },
  { field: 'Search', add: dnsSearchAdd, remove: dnsSearchRm, once: withoutEqualNeighbours, order: byBytes },
  { field: 'Options', add: dnsOptionAdd, remove: dnsOptionRm, once: withoutEqualNeighbours, order: byBytes },
] as const;

export const NAME_FLAGS = [
  ...[dnsServers, dnsAdd, dnsRm],
  ...[dnsSearch, dnsSearchAdd, dnsSearchRm],
  ...[dnsOption, dnsOptionAdd, dnsOptionRm],
  ...listFlags({
    name: 'host',
    type: hosts,
    removed: strings,
    group: 'Network',
    help: {
      set: 'Set one or more custom host-to-IP mappings (host:ip)',
      add: 'Add a custom host-to-IP mapping (host:ip)',
      rm: 'Remove a custom host-to-IP mapping (host:ip)',
    },
    ...listIn(container, 'Hosts'),
    add: editList(container, 'Hosts', (before, texts) => [...new Set([...before, ...texts])]),
    rm: editList(container, 'Hosts', (before, texts) => texts.reduce(withoutHost, before)),
  }),
];

/**
 * Removes HOST (or HOST:IP) from lines `IP HOST [ALIAS...]`, and lines that have no names left.
 * (docker/cli cli/command/service/update.go updateHosts)
 */
function withoutHost(lines: readonly string[], text: string): readonly string[] {
  const [host, address = ''] = splitOnce(text, ':');
  return lines.flatMap((line) => {
    const [ip = '', ...names] = line.split(/\s+/).filter((word) => word !== '');
    if (address !== '' && address !== ip) return [line];
    const kept = names.filter((name) => name !== host);
    return kept.length === 0 ? [] : [[ip, ...kept].join(' ')];
  });
}
