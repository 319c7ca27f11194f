/**
 * Image references ("nginx", "registry:5000/team/web:1.2@sha256:..."), as github.com/distribution/reference
 * reads them.
 */
import { splitOnce } from './text.ts';

/** An image reference with its full name: domain `docker.io` and path `library/nginx` for `nginx`. */
interface Reference {
  readonly domain: string;
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
}

const DEFAULT_DOMAIN = 'docker.io';
const OFFICIAL_PREFIX = 'library/';
const MAX_PATH_LENGTH = 255;

// The expressions accept what those of distribution/reference regexp.go accept.
const DOMAIN_COMPONENT = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const DOMAIN = new RegExp(
  `^(?:${DOMAIN_COMPONENT}(?:\\.${DOMAIN_COMPONENT})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`,
);
const PATH_COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REMAINDER = new RegExp(
  `^(${PATH_COMPONENT}(?:/${PATH_COMPONENT})*)(?::(\\w[\\w.-]{0,127}))?(?:@(.+))?$`,
);
/** The digests that github.com/opencontainers/go-digest accepts. */
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;
const IMAGE_ID = /^[0-9a-f]{64}$/;

/**
 * Reads the reference of an image in a registry, as distribution/reference normalize.go ParseNormalizedNamed does.
 * @returns undefined if the text is not a reference, or is an image ID (64 hexadecimal digits)
 */
export function parseReference(text: string): Reference | undefined {
  if (IMAGE_ID.test(text)) return undefined;
  const [first, rest] = splitOnce(text, '/');
  const hasDomain = rest !== undefined && (/[.:A-Z]/.test(first) || first === 'localhost');
  const domain = hasDomain && first !== 'index.docker.io' ? first : DEFAULT_DOMAIN;
  const [, path, tag, digest] = REMAINDER.exec(hasDomain ? rest : text) ?? [];
  if (path === undefined || !DOMAIN.test(domain)) return undefined;
  if (digest !== undefined && !DIGEST.test(digest)) return undefined;
  const full = domain === DEFAULT_DOMAIN && !path.includes('/') ? OFFICIAL_PREFIX + path : path;
  if (full.length > MAX_PATH_LENGTH) return undefined;
  return {
    domain,
    path: full,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** Adds the tag `latest` if the reference has neither a tag nor a digest (distribution/reference TagNameOnly). */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined
    ? { ...reference, tag: 'latest' }
    : reference;
}

/** Writes a reference in the short form that docker stores, without `docker.io/` and `library/` (FamiliarString). */
export function familiar({ domain, path, tag, digest }: Reference): string {
  const official = /^library\/[^/]+$/.test(path) ? path.slice(OFFICIAL_PREFIX.length) : path;
  const name = domain === DEFAULT_DOMAIN ? official : `${domain}/${path}`;
  return `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/**
 * Shortens a tagged image to its name and tag: "docker.io/library/nginx:1.27@sha256:..." → "nginx:1.27". An
 * image without a tag, and a text that is not an image reference, are returned as they are. (docker/cli
 * cli/command/service/formatter.go serviceContext.Image and cli/command/task/formatter.go taskContext.Image)
 */
export function shortImage(image: string): string {
  const reference = parseReference(image);
  if (reference?.tag === undefined) return image;
  const { domain, path, tag } = reference;
  return familiar({ domain, path, tag });
}
