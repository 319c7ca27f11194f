/** What the error of a pull, or of a registry, says about a login and about the image. */

/**
 * The registry itself asks for other credentials, in its own words or in those of the engine (seen on 20.10, 28.5 and 29.7).
 * "permission denied" is of a file, not of a registry.
 */
const LOGIN_WANTED =
  /no basic auth credentials|\bunauthorized\b|authentication required|authorization failed|(?<!permission )\bdenied\b/i;

/**
 * Errors with such words that are not about a login: the image or the host is missing, the registry limits pulls, or
 * something else refuses the request: a proxy (it sends HTML) or a plugin of the engine (moby pkg/authorization/authz.go).
 */
const OTHER_CAUSE =
  /manifest unknown|name unknown|: not found|^not found|too ?many ?requests|\bdial (tcp|udp)\b|no such host|denied by plugin|<(!doctype|html|head|body|h1)\b|invalid character '<'/i;

/** Engines up to 29.6 say this of a task whatever the registry has said (seen on 28.5). */
const CAUSE_UNKNOWN = /no such image/i;

/**
 * Whether a login may help after an error: "wanted" if the registry asks for one, "possible" if the engine does not tell
 * what the registry has said, undefined if the cause is another.
 */
export function loginAfter(error: string): 'wanted' | 'possible' | undefined {
  if (CAUSE_UNKNOWN.test(error)) return 'possible';
  // Quoted are names, which may contain any word.
  const isAsked = LOGIN_WANTED.test(error.replace(/"[^"]*"/g, '""'));
  return isAsked && !OTHER_CAUSE.test(error) ? 'wanted' : undefined;
}

/** With an error code that the engine does not know, it shows the registry's message alone (seen on 28.5 with Harbor's code NOT_FOUND). */
const MISSING = /^(manifest|name) unknown|^unknown: [^<]*not found/i;

/** Whether a registry has said that it has no such image, from the words of the engine (`GET /distribution`). */
export const saysMissing = (error: string): boolean => MISSING.test(error);

/** That the digest of an image is not known. The engine then runs whatever each node finds under its tag. */
export const notResolved = (image: string): string =>
  `image ${image} could not be accessed on a registry to record its digest: each node will access it independently, and nodes ` +
  'may run different versions of it';
