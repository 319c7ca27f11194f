/** Explains why a connection to an engine failed and what to do about it, from the errors of Node, OpenSSL and ssh. */
import { shellWord } from '../values/shell-words.ts';
import { sshCommand } from './address.ts';
import type { Endpoint } from './connection.ts';

/** The fields of a connection's error that are used. */
export interface ConnectionError {
  readonly code?: string;
  readonly message?: string;
  /** The engine's certificate; set when it is for other hosts. */
  readonly cert?: { readonly subjectaltname?: string; readonly subject?: { readonly CN?: string } };
}

/** Our own error code: the engine requires TLS, and the request was sent without. */
export const NEEDS_TLS = 'NEEDS_TLS';
/** Our own error code: the proxy can't be reached, or can't reach the engine. The error's message is for people. */
export const PROXY_FAILED = 'PROXY_FAILED';

/** Where the engine's address is from, for a hint: often that is what has to be corrected. */
export function namedBy({ namedBy: name, shown }: Endpoint): string {
  return name === undefined ? `${shown} is the default` : `${shown} is from ${name}`;
}

/** A hint for a failed reply that is not from the engine and may be from the proxy; undefined without a proxy. */
export function proxyHint(status: number, { proxy }: Endpoint): string | undefined {
  if (proxy === undefined) return undefined;
  const { shown, variable } = proxy;
  return status === 407
    ? `the proxy ${shown} requires a login: write it as ${variable}=http://USER:PASSWORD@HOST:PORT`
    : `${variable} sets the proxy ${shown}: check that it can reach the host, or add the host to NO_PROXY`;
}

interface Explained {
  readonly reason: string;
  readonly remedy: string;
}

/**
 * Explains the error of a connection.
 * @param hasReplied whether the endpoint has replied to a request before, so that TLS and the address are right
 */
export function explainConnection(error: ConnectionError, endpoint: Endpoint, hasReplied = false): Explained {
  const { address, tls, proxy } = endpoint;
  const useTls = certificates(endpoint, 'all', USE_TLS);
  const { code = '', message = '' } = error;
  const reason = REASONS[code] ?? (message || code);
  if (code === PROXY_FAILED)
    return { reason, remedy: `check ${proxy?.variable ?? 'the proxy'}, or add the host to NO_PROXY` };
  if (address.kind === 'ssh') {
    const ssh = sshCommand(address);
    const { socket } = address;
    const onSocket = socket === undefined ? '' : `-H ${shellWord(`unix://${socket}`)} `;
    return !hasReplied && code.startsWith('HPE_')
      ? {
          reason: 'what the host sent first is not an answer of docker',
          remedy: `check that this prints nothing: ${ssh} true`,
        }
      : { reason, remedy: `check that this works: ${ssh} docker ${onSocket}version` };
  }
  if (code === 'EACCES')
    return { reason, remedy: `run as root or as a member of the docker group, ${OR_OTHER}` };
  if (address.kind === 'socket') return { reason, remedy: `is the docker daemon running? ${OTHER}` };
  if (hasReplied) return { reason, remedy: 'check the network, and what is between here and the engine' };
  if (tls !== undefined) return explainTls(error, endpoint, reason);
  if (code === NEEDS_TLS) return { reason, remedy: useTls };
  if (code.startsWith('HPE_'))
    return { reason: 'it does not speak plain HTTP', remedy: `if it requires TLS, ${useTls}` };
  if (code === 'ECONNRESET') return { reason, remedy: `if it requires TLS, ${useTls}` };
  return { reason, remedy: `check the address and the network, ${OR_OTHER}` };
}

const OTHER = 'choose another engine with -H or --context';
const OR_OTHER = `or ${OTHER}`;
const USE_TLS =
  'give --tlsverify (or DOCKER_TLS_VERIFY=1) and the certificates, or a --context that has them';

/** Error code → reason. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket',
  ECONNREFUSED: 'connection refused',
  EACCES: 'permission denied on the socket',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name is not known',
  ECONNRESET: 'the connection was closed',
  EPIPE: 'the connection was closed',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the host',
  [NEEDS_TLS]: 'it requires TLS',
};

/**
 * Messages of OpenSSL, and of BoringSSL in the executable ("WRONG_VERSION_NUMBER"). Several errors have the code EPROTO,
 * so the code alone is not enough.
 */
const NOT_TLS = /wrong[ _]version[ _]number|packet[ _]length[ _]too[ _]long|http[ _]request/i;
const CERTIFICATE_REJECTED = /alert[ _](certificate|bad[ _]certificate|unknown[ _]ca|handshake[ _]failure)/i;

/**
 * How to give certificates. The TLS flags and variables are ignored with a context. There it is a docker command, which has all
 * files that the context needs, because docker replaces them all.
 * @param missing what is missing or wrong
 * @param byFlags the advice without a context
 */
function certificates(
  { contextUpdate, tls }: Endpoint,
  missing: 'ca' | 'client' | 'all',
  byFlags: string,
): string {
  if (contextUpdate === undefined) return byFlags;
  const authority =
    tls?.verify === false
      ? ',skip-tls-verify=true'
      : missing !== 'client' || tls?.ca !== undefined
        ? ',ca=FILE'
        : '';
  const client = missing !== 'ca' || tls?.client !== undefined ? ',cert=FILE,key=FILE' : '';
  return `give the context its certificates with: ${contextUpdate}${authority}${client}`;
}

function explainTls(error: ConnectionError, endpoint: Endpoint, plainReason: string): Explained {
  const ours = endpoint.tls?.client;
  const { code = '', message = '', cert: theirs } = error;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = (theirs?.subjectaltname ?? theirs?.subject?.CN ?? '').replace(/(DNS|IP Address):/g, '');
    return {
      reason: `its certificate is for other hosts: ${names}`,
      remedy: 'use one of these as the address, or give the engine a certificate for this address',
    };
  }
  if (NOT_TLS.test(message)) {
    return {
      reason: 'it does not speak TLS',
      remedy:
        endpoint.contextUpdate === undefined
          ? 'check the port, or connect without TLS (DOCKER_TLS_VERIFY turns TLS on too)'
          : `check the port, or connect without TLS: ${endpoint.contextUpdate.replace('host=https:', 'host=tcp:')}`,
    };
  }
  // An engine may close a connection without a client certificate and send no alert.
  const hungUp = ours === undefined && ['ECONNRESET', 'EPIPE'].includes(code);
  if (hungUp || CERTIFICATE_REJECTED.test(message)) {
    return {
      reason: ours === undefined ? 'it requires a client certificate' : 'it rejects our client certificate',
      remedy: certificates(
        endpoint,
        'client',
        'give a certificate that it accepts with --tlscert and --tlskey, DOCKER_CERT_PATH or a --context',
      ),
    };
  }
  const [reason, remedy] = CERTIFICATE_REASONS[code] ?? [];
  return {
    reason: reason ?? plainReason,
    remedy:
      remedy === GIVE_AUTHORITY
        ? certificates(endpoint, 'ca', GIVE_AUTHORITY)
        : (remedy ?? `check the address and the network, ${OR_OTHER}`),
  };
}

const NEW_CERTIFICATE = 'give the engine a new certificate';
const GIVE_AUTHORITY =
  'give the certificate of its authority with --tlscacert, DOCKER_CERT_PATH or a --context';
const UNKNOWN_AUTHORITY = ['its certificate is signed by an unknown authority', GIVE_AUTHORITY] as const;

/** OpenSSL's error code → reason and remedy. */
const CERTIFICATE_REASONS: Readonly<Record<string, readonly [reason: string, remedy: string]>> = {
  CERT_HAS_EXPIRED: ['its certificate has expired', NEW_CERTIFICATE],
  CERT_NOT_YET_VALID: [
    'its certificate is not valid yet',
    'compare the clocks of this machine and of the engine',
  ],
  CERT_REVOKED: ['its certificate has been revoked', NEW_CERTIFICATE],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['its certificate is self-signed', GIVE_AUTHORITY],
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  CERT_SIGNATURE_FAILURE: UNKNOWN_AUTHORITY,
};
