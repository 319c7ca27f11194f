/** References to images ("nginx", "registry:5000/team/web:1.2@sha256:..."), read and written as docker does. */
import { cut } from './text.ts';

/** An image's name, whole: `docker.io/library/nginx` for `nginx`. */
export interface Reference {
  readonly domain: string;
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
}

const DEFAULT_DOMAIN = 'docker.io';
const OFFICIAL = 'library/';
const MAX_PATH = 255;

const LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const DOMAIN = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REMAINDER = new RegExp(`^(${COMPONENT}(?:/${COMPONENT})*)(?::(\\w[\\w.-]{0,127}))?(?:@(.+))?$`);
/** Hexadecimal digits of the digests that engines accept. */
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;
const IMAGE_ID = /^[0-9a-f]{64}$/;

/** Reads a reference to an image in a registry; undefined when it can't be one (an image id can't). */
export function parseReference(text: string): Reference | undefined {
  if (IMAGE_ID.test(text)) return undefined;
  const [first, rest] = cut(text, '/');
  const hasDomain = rest !== undefined && (/[.:A-Z]/.test(first) || first === 'localhost');
  const domain = hasDomain && first !== 'index.docker.io' ? first : DEFAULT_DOMAIN;
  const [, path, tag, digest] = REMAINDER.exec(hasDomain ? rest : text) ?? [];
  if (path === undefined || !DOMAIN.test(domain)) return undefined;
  if (digest !== undefined && !DIGEST.test(digest)) return undefined;
  const full = domain === DEFAULT_DOMAIN && !path.includes('/') ? OFFICIAL + path : path;
  if (full.length > MAX_PATH) return undefined;
  return {
    domain,
    path: full,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** With the tag `latest` where there is neither a tag nor a digest. */
export function withTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined
    ? { ...reference, tag: 'latest' }
    : reference;
}

/** As a person writes it and docker stores it: without `docker.io/` and `library/`. */
export function familiar({ domain, path, tag, digest }: Reference): string {
  const official = /^library\/[^/]+$/.test(path) ? path.slice(OFFICIAL.length) : path;
  const name = domain === DEFAULT_DOMAIN ? official : `${domain}/${path}`;
  return `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}
