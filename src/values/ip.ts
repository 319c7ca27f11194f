/** IP addresses, in the one form in which docker stores them. */

/** The canonical form (RFC 5952; an IPv4 address inside IPv6 as IPv4), or undefined when it is no address. */
export function canonicalIp(text: string): string | undefined {
  // By URL, not by node:net: an `update --help` would take 3 ms to load that, and for this alone. A URL reads "1.2" too.
  if (/^\d+(\.\d+){3}$/.test(text)) return hostOf(text) === text ? text : undefined;
  if (!/^[\da-f:.]+$/i.test(text)) return undefined;
  const canonical = hostOf(`[${text}]`)?.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical ?? '') ?? [];
  if (high === undefined || low === undefined) return canonical;
  const bits = [parseInt(high, 16), parseInt(low, 16)];
  return bits.flatMap((pair) => [pair >> 8, pair & 0xff]).join('.');
}

/** The host of an http address, or undefined when that is none. */
const hostOf = (host: string): string | undefined =>
  URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : undefined;
