/** Why there is no connection to an engine, and what to do about it: Node's, OpenSSL's and ssh's words for people. */
import { sshCommand } from './address.ts';
import type { Endpoint } from './connection.ts';
import type { TlsMaterial } from './tls-files.ts';

/** An error of a connection, as far as it is read. */
export interface ConnectionError {
  readonly code?: string;
  readonly message?: string;
  /** The engine's certificate, where it is for other hosts. */
  readonly cert?: { readonly subjectaltname?: string; readonly subject?: { readonly CN?: string } };
}

/** The code, beside Node's, of an engine that was spoken to in plain text and wants TLS. */
export const NEEDS_TLS = 'NEEDS_TLS';
/** ... and of a proxy that can't be reached, or does not get to the engine; its message is for people. */
export const PROXY_FAILED = 'PROXY_FAILED';

/** Who named the engine, for a hint: what has to be mended is often there. */
export function namedBy({ namedBy: name, shown }: Endpoint): string {
  return name === undefined ? `${shown} is the default` : `${shown} is from ${name}`;
}

/** What to do about a reply that is not the engine's and may be that of a proxy. */
export function proxyHint(status: number, { proxy }: Endpoint): string | undefined {
  if (proxy === undefined) return undefined;
  const { shown, variable } = proxy;
  return status === 407
    ? `the proxy ${shown} wants a login: write it as ${variable}=http://USER:PASSWORD@HOST:PORT`
    : `${variable} names the proxy ${shown}: check that it reaches the host, or name the host in NO_PROXY`;
}

export interface Explained {
  readonly reason: string;
  readonly remedy: string;
}

/** Why a connection failed, and what to do about it. */
export function explainConnection(error: ConnectionError, { address, tls, proxy }: Endpoint): Explained {
  const { code = '', message = '' } = error;
  const reason = REASONS[code] ?? (message || code);
  if (code === PROXY_FAILED)
    return { reason, remedy: `check ${proxy?.variable ?? 'the proxy'}, or name the host in NO_PROXY` };
  if (address.kind === 'ssh')
    return { reason, remedy: `this has to work: ${sshCommand(address)} docker version` };
  if (code === 'EACCES')
    return { reason, remedy: `run as root or as a member of the docker group, ${OR_OTHER}` };
  if (address.kind === 'socket') return { reason, remedy: `is the docker daemon running? ${OTHER}` };
  if (tls !== undefined) return explainTls(error, tls, reason);
  if (code === NEEDS_TLS) return { reason, remedy: SPEAK_TLS };
  if (code.startsWith('HPE_'))
    return { reason: 'it does not speak plain HTTP', remedy: `if it wants TLS, ${SPEAK_TLS}` };
  if (code === 'ECONNRESET') return { reason, remedy: `if it wants TLS, ${SPEAK_TLS}` };
  return { reason, remedy: `check the address and the network, ${OR_OTHER}` };
}

const OTHER = 'name another engine with -H or --context';
const OR_OTHER = `or ${OTHER}`;
const SPEAK_TLS =
  'give --tlsverify (or DOCKER_TLS_VERIFY=1) and the certificates, or a --context that has them';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket',
  ECONNREFUSED: 'connection refused',
  EACCES: 'permission denied on the socket',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name is not known',
  ECONNRESET: 'the connection was closed',
  EPIPE: 'the connection was closed',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to the host',
  [NEEDS_TLS]: 'it wants TLS',
};

/** Alerts and codes of OpenSSL; some come as EPROTO, and only the message tells which. */
const NOT_TLS = /wrong version number|packet length too long|http request/i;
const CERTIFICATE_WANTED = /alert[ _](certificate|bad[ _]certificate|unknown[ _]ca|handshake[ _]failure)/i;

function explainTls(error: ConnectionError, { client: ours }: TlsMaterial, plainReason: string): Explained {
  const { code = '', message = '', cert: theirs } = error;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = (theirs?.subjectaltname ?? theirs?.subject?.CN ?? '').replace(/(DNS|IP Address):/g, '');
    return {
      reason: `its certificate is for other hosts: ${names}`,
      remedy: 'name the engine by one of these, or give it a certificate for this address',
    };
  }
  if (NOT_TLS.test(message)) {
    return {
      reason: 'it does not speak TLS',
      remedy: 'check the port, or ask for no TLS (DOCKER_TLS_VERIFY asks too)',
    };
  }
  // Who comes without a certificate may be turned away without a word.
  const hungUp = ours === undefined && ['ECONNRESET', 'EPIPE'].includes(code);
  if (hungUp || CERTIFICATE_WANTED.test(message)) {
    return {
      reason: ours === undefined ? 'it wants a client certificate' : 'it refuses our client certificate',
      remedy: 'give one that it knows with --tlscert and --tlskey, DOCKER_CERT_PATH or a --context',
    };
  }
  const [reason, remedy] = CERTIFICATE_REASONS[code] ?? [];
  return {
    reason: reason ?? plainReason,
    remedy: remedy ?? `check the address and the network, ${OR_OTHER}`,
  };
}

const NEW_CERTIFICATE = 'give the engine a new certificate';
const GIVE_AUTHORITY = 'give the authority that signed it with --tlscacert, DOCKER_CERT_PATH or a --context';
const UNKNOWN_AUTHORITY = ['its certificate is signed by an unknown authority', GIVE_AUTHORITY] as const;

/** By OpenSSL's codes: the reason and the remedy. */
const CERTIFICATE_REASONS: Readonly<Record<string, readonly [reason: string, remedy: string]>> = {
  CERT_HAS_EXPIRED: ['its certificate has expired', NEW_CERTIFICATE],
  CERT_NOT_YET_VALID: ['its certificate is not valid yet', 'check the clocks here and there'],
  CERT_REVOKED: ['its certificate has been revoked', NEW_CERTIFICATE],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['its certificate is signed by itself', GIVE_AUTHORITY],
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  CERT_SIGNATURE_FAILURE: UNKNOWN_AUTHORITY,
};
