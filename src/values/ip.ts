/** IP addresses in their canonical form, which docker stores. */

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

/** The normalized host of a URL with this host, or undefined if it is not a valid host. */
const hostOf = (host: string): string | undefined =>
  URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : undefined;
