/** Connections over TLS. */
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import { SwarmrollError } from '../errors.ts';
import type { TcpAddress } from './address.ts';
import type { Endpoint } from './connection.ts';
import type { TlsMaterial } from './tls-files.ts';

/** Where systems keep the authorities that they trust: the first that is there counts, as it does for docker. */
const SYSTEM_AUTHORITIES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/**
 * Opens connections to an address, over a socket of its own or one that leads there already.
 * @throws SwarmrollError `failed` when the files hold no certificates and keys that fit
 */
export function tlsOpener(
  { host, port }: Pick<Required<TcpAddress>, 'host' | 'port'>,
  material: TlsMaterial,
  { shown }: Pick<Endpoint, 'shown'>,
): (socket?: Socket) => tls.TLSSocket {
  const secureContext = contextOf(material, shown);
  return (socket) =>
    tls.connect({
      ...(socket === undefined ? { host, port } : { socket }),
      servername: isIP(host) === 0 ? host : '',
      secureContext,
      // Said in any case: a variable of Node's own switches verification off where nothing is said.
      rejectUnauthorized: material.verify,
      ALPNProtocols: ['http/1.1'],
    });
}

function contextOf({ ca, client }: TlsMaterial, shown: string): tls.SecureContext {
  const unusable = (what: string, cause: unknown): SwarmrollError =>
    // OpenSSL's words say where it got stuck, never what is in a file.
    new SwarmrollError('failed', `cannot speak TLS to ${shown}: ${what}`, {
      hint: 'check the files of --tlscacert, --tlscert and --tlskey, DOCKER_CERT_PATH or the context',
      cause,
    });
  try {
    if (ca !== undefined) new X509Certificate(ca);
  } catch (error) {
    throw unusable("the authority's file holds no certificate", error);
  }
  try {
    return tls.createSecureContext({
      minVersion: 'TLSv1.2',
      ca: ca === undefined ? systemAuthorities() : Buffer.from(ca),
      ...(client === undefined ? {} : { cert: Buffer.from(client.cert), key: Buffer.from(client.key) }),
    });
  } catch (error) {
    const mismatch = /key values mismatch/.test((error as Error).message);
    throw unusable(
      mismatch ? 'the key is not that of the certificate' : 'the certificate or the key cannot be read',
      error,
    );
  }
}

/** Node has authorities of its own and does not ask for the system's, where companies add theirs. */
function systemAuthorities(): Buffer | undefined {
  const path = SYSTEM_AUTHORITIES.find((one) => existsSync(one));
  return path === undefined ? undefined : readFileSync(path);
}
