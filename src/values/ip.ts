/** IP addresses in their canonical form, which docker stores. */
import { byBytes } from './text.ts';

/**
 * Reads an IP address, as docker/cli opts/opts.go ValidateIPAddress (Go's net.ParseIP and IP.String) does.
 * @returns the canonical form (RFC 5952; an IPv4-mapped IPv6 address as IPv4), or undefined if the text is not
 *   an address
 */
export function canonicalIp(text: string): string | undefined {
  // URL is always loaded; loading node:net takes 3 ms of every command. URL also accepts short forms such as "1.2",
  // so the four parts are checked first.
  if (/^\d+(\.\d+){3}$/.test(text)) return hostOf(text) === text ? text : undefined;
  if (!/^[\da-f:.]+$/i.test(text)) return undefined;
  const canonical = hostOf(`[${text}]`)?.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical ?? '') ?? [];
  if (high === undefined || low === undefined) return canonical;
  const bits = [parseInt(high, 16), parseInt(low, 16)];
  return bits.flatMap((pair) => [pair >> 8, pair & 0xff]).join('.');
}

/** Compares two addresses in canonical form by value, IPv4 before IPv6 (Go's netip.Addr.Compare). */
export const byAddress = (a: string, b: string): number => byBytes(digitsOf(a), digitsOf(b));

/** The address with all its digits. A colon comes after every digit, so IPv6 comes after IPv4. */
function digitsOf(address: string): string {
  if (!address.includes(':')) return address.replace(/\d+/g, (part) => part.padStart(3, '0'));
  const [head = [], tail = []] = address.split('::').map((groups) => groups.split(':'));
  const groups = [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill(''), ...tail];
  return `:${groups.map((group) => group.padStart(4, '0')).join(':')}`;
}

/** The normalized host of a URL with this host, or undefined if it is not a valid host. */
const hostOf = (host: string): string | undefined =>
  URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : undefined;
