/** Name resolution in the container: DNS configuration and entries of /etc/hosts. */
import type { DNSConfig, ServiceSpec } from '../api/service.ts';
import { canonicalIp } from '../values/ip.ts';
import { byBytes, splitOnce } from '../values/text.ts';
import { InvalidValue, listOf, strings } from '../values/value.ts';
import { editList, replaceList } from './edits.ts';
import { container } from './draft.ts';
import { specFlag } from './flag.ts';
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

function dns(draft: ServiceSpec): DNSConfig {
  return (container(draft).DNSConfig ??= {});
}

const addAll = (before: readonly string[], texts: readonly string[]) => [...before, ...texts];
const removeAll = (before: readonly string[], texts: readonly string[]) =>
  before.filter((text) => !texts.includes(text));

/**
 * Applies an edit, then sorts all three lists and removes duplicates, as docker does (docker/cli
 * cli/command/service/update.go updateDNSConfig).
 */
function thenNormalize(edit: SpecEdit<string[]>): SpecEdit<string[]> {
  return async (draft, texts, context) => {
    await edit(draft, texts, context);
    const config = dns(draft);
    for (const field of ['Nameservers', 'Search', 'Options'] as const) {
      if (config[field]) config[field] = [...new Set(config[field])].sort(byBytes);
    }
  };
}

export const NAME_FLAGS = [
  specFlag({
    name: 'dns',
    type: addresses,
    group: 'Network',
    help: 'Set custom DNS servers',
    since: '1.25',
    create: replaceList(dns, 'Nameservers'),
  }),
  specFlag({
    name: 'dns-add',
    type: addresses,
    group: 'Network',
    help: 'Add or update a custom DNS server',
    since: '1.25',
    update: thenNormalize(editList(dns, 'Nameservers', addAll)),
  }),
  specFlag({
    name: 'dns-rm',
    type: strings,
    group: 'Network',
    help: 'Remove a custom DNS server',
    since: '1.25',
    update: thenNormalize(editList(dns, 'Nameservers', removeAll)),
  }),
  specFlag({
    name: 'dns-search',
    type: domains,
    group: 'Network',
    help: 'Set custom DNS search domains',
    since: '1.25',
    create: replaceList(dns, 'Search'),
  }),
  specFlag({
    name: 'dns-search-add',
    type: domains,
    group: 'Network',
    help: 'Add or update a custom DNS search domain',
    since: '1.25',
    update: thenNormalize(editList(dns, 'Search', addAll)),
  }),
  specFlag({
    name: 'dns-search-rm',
    type: strings,
    group: 'Network',
    help: 'Remove a DNS search domain',
    since: '1.25',
    update: thenNormalize(editList(dns, 'Search', removeAll)),
  }),
  specFlag({
    name: 'dns-option',
    type: strings,
    group: 'Network',
    help: 'Set DNS options',
    since: '1.25',
    create: replaceList(dns, 'Options'),
  }),
  specFlag({
    name: 'dns-option-add',
    type: strings,
    group: 'Network',
    help: 'Add or update a DNS option',
    since: '1.25',
    update: thenNormalize(editList(dns, 'Options', addAll)),
  }),
  specFlag({
    name: 'dns-option-rm',
    type: strings,
    group: 'Network',
    help: 'Remove a DNS option',
    since: '1.25',
    update: thenNormalize(editList(dns, 'Options', removeAll)),
  }),
  specFlag({
    name: 'host',
    type: hosts,
    group: 'Network',
    help: 'Set one or more custom host-to-IP mappings (host:ip)',
    since: '1.25',
    create: replaceList(container, 'Hosts'),
  }),
  specFlag({
    name: 'host-rm',
    type: strings,
    group: 'Network',
    help: 'Remove a custom host-to-IP mapping (host:ip)',
    since: '1.25',
    update: editList(container, 'Hosts', (before, texts) => texts.reduce(withoutHost, before)),
  }),
  specFlag({
    name: 'host-add',
    type: hosts,
    group: 'Network',
    help: 'Add a custom host-to-IP mapping (host:ip)',
    since: '1.25',
    update: editList(container, 'Hosts', (before, texts) => [...new Set([...before, ...texts])]),
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
