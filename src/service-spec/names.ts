/** How the container looks names up: DNS servers and its own hosts file. */
import type { DNSConfig, ServiceSpec } from '../api/service.ts';
import { canonicalIp } from '../values/ip.ts';
import { byBytes, cut } from '../values/text.ts';
import { InvalidValue, listOf, strings } from '../values/value.ts';
import { editList, replaceList } from './change.ts';
import { container } from './draft.ts';
import { specFlag } from './flag.ts';
import type { Change } from './flag.ts';

const addresses = listOf('list', (text) => {
  const address = canonicalIp(text.trim());
  if (address === undefined) throw new InvalidValue('must be an IP address');
  return address;
});

const LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
// Docker's grammar lets colons stand before a label.
const DOMAIN = new RegExp(`^(:{0,2}${LABEL}(?::?\\.:?${LABEL})*)\\.?\\s*$`);
const MAX_DOMAIN = 254;

const domains = listOf('list', (text) => {
  const wanted = text.replace(/^ +| +$/g, '');
  if (wanted === '.') return wanted;
  const [, domain] = DOMAIN.exec(wanted) ?? [];
  if (domain === undefined || !/[a-zA-Z]/.test(domain) || domain.length > MAX_DOMAIN) {
    throw new InvalidValue('must be a domain such as example.com');
  }
  return domain;
});

/** `HOST:IP` or `HOST=IP`, stored as a line of a hosts file: `IP HOST`. */
const hosts = listOf('list', (text) => {
  const [host, rest] = cut(text, text.includes('=') ? '=' : ':');
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

const add = (before: readonly string[], texts: readonly string[]) => [...before, ...texts];
const remove = (before: readonly string[], texts: readonly string[]) =>
  before.filter((text) => !texts.includes(text));

/** A change of one list, after which docker has all three without duplicates and sorted. */
function tidied(change: Change<string[]>): Change<string[]> {
  return async (draft, texts, context) => {
    await change(draft, texts, context);
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
    update: tidied(editList(dns, 'Nameservers', add)),
  }),
  specFlag({
    name: 'dns-rm',
    type: strings,
    group: 'Network',
    help: 'Remove a custom DNS server',
    since: '1.25',
    update: tidied(editList(dns, 'Nameservers', remove)),
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
    update: tidied(editList(dns, 'Search', add)),
  }),
  specFlag({
    name: 'dns-search-rm',
    type: strings,
    group: 'Network',
    help: 'Remove a DNS search domain',
    since: '1.25',
    update: tidied(editList(dns, 'Search', remove)),
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
    update: tidied(editList(dns, 'Options', add)),
  }),
  specFlag({
    name: 'dns-option-rm',
    type: strings,
    group: 'Network',
    help: 'Remove a DNS option',
    since: '1.25',
    update: tidied(editList(dns, 'Options', remove)),
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

/** Takes HOST (or HOST:IP) out of the lines `IP HOST [ALIAS...]`; a line without names goes. */
function withoutHost(lines: readonly string[], text: string): readonly string[] {
  const [host, address = ''] = cut(text, ':');
  return lines.flatMap((line) => {
    const [ip = '', ...names] = line.split(/\s+/).filter((word) => word !== '');
    if (address !== '' && address !== ip) return [line];
    const kept = names.filter((name) => name !== host);
    return kept.length === 0 ? [] : [[ip, ...kept].join(' ')];
  });
}
