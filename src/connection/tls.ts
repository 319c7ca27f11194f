/** TLS connections. */
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import { SwarmrollError } from '../errors.ts';
import type { TcpAddress } from './address.ts';
import type { Endpoint } from './connection.ts';
import type { TlsMaterial } from './tls-files.ts';

/**
 * The system's file of trusted authorities. As in Go, the first one that exists is used (crypto/x509/root_linux.go).
 */
const SYSTEM_CA_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/**
 * Returns a function that opens TLS connections to an address: over a given socket that leads to it, or over a new one.
 * @throws SwarmrollError `failed` when the certificates and keys can't be used
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
      // Always set, because NODE_TLS_REJECT_UNAUTHORIZED changes Node's default.
      rejectUnauthorized: material.verify,
      ALPNProtocols: ['http/1.1'],
    });
}

function contextOf({ ca, client }: TlsMaterial, shown: string): tls.SecureContext {
  const unusable = (what: string, cause: unknown): SwarmrollError =>
    // The cause is OpenSSL's error, which never contains a file's content.
    new SwarmrollError('failed', `cannot use TLS for ${shown}: ${what}`, {
      hint: 'check the files of --tlscacert, --tlscert and --tlskey, DOCKER_CERT_PATH or the context',
      cause,
    });
  try {
    if (ca !== undefined) new X509Certificate(ca);
  } catch (error) {
    throw unusable('the file of the authority contains no certificate', error);
  }
  try {
    return tls.createSecureContext({
      minVersion: 'TLSv1.2',
      ca: ca === undefined ? systemAuthorities() : Buffer.from(ca),
      ...(client === undefined ? {} : { cert: Buffer.from(client.cert), key: Buffer.from(client.key) }),
    });
  } catch (error) {
    const mismatch = /key[ _](values|type)[ _]mismatch/i.test((error as Error).message);
    throw unusable(
      mismatch ? 'the key does not belong to the certificate' : 'the certificate or the key cannot be read',
      error,
    );
  }
}

/**
 * Node uses only its built-in authorities. Companies add theirs to the system's file. Undefined when there is no file.
 */
function systemAuthorities(): Buffer | undefined {
  const path = SYSTEM_CA_FILES.find((file) => existsSync(file));
  return path === undefined ? undefined : readFileSync(path);
}
