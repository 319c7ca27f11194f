/** A certificate authority for a test, and its certificates, made with the real openssl. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The paths of a certificate and its key. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface Authority extends Certificate {
  /** Makes a certificate. `use` is OpenSSL's name for its purpose: clientAuth, serverAuth. */
  readonly sign: (
    name: string,
    options: { use: 'serverAuth' | 'clientAuth'; hosts?: string; days?: number },
  ) => Certificate;
  /** A folder for DOCKER_CERT_PATH, with ca.pem, cert.pem and key.pem. */
  readonly folder: string;
}

const LOCAL = 'IP:127.0.0.1,IP:::1,DNS:localhost';
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes a new authority in a folder, with a client certificate under docker's file names. */
export function newAuthority(folder: string): Authority {
  mkdirSync(folder, { recursive: true });
  const openssl = (...args: readonly string[]): Buffer =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const files = (name: string): Certificate => ({
    cert: join(folder, `${name}.pem`),
    key: join(folder, `${name}-key.pem`),
  });
  const own = { cert: join(folder, 'ca.pem'), key: join(folder, 'ca-key.pem') };
  openssl(
    'req',
    '-x509',
    ...NEW_KEY,
    '-subj',
    '/CN=authority',
    '-days',
    '2',
    '-keyout',
    own.key,
    '-out',
    own.cert,
  );
  const sign: Authority['sign'] = (name, { use, hosts = LOCAL, days = 2 }) => {
    const made = files(name);
    const request = join(folder, `${name}.csr`);
    const extensions = join(folder, `${name}.ext`);
    writeFileSync(extensions, `subjectAltName=${hosts}\nextendedKeyUsage=${use}\n`);
    openssl('req', ...NEW_KEY, '-subj', `/CN=${name}`, '-keyout', made.key, '-out', request);
    openssl(
      ...['x509', '-req', '-in', request, '-CA', own.cert, '-CAkey', own.key, '-CAcreateserial'],
      ...['-days', String(days), '-extfile', extensions, '-out', made.cert],
    );
    return made;
  };
  const client = sign('cert', { use: 'clientAuth' });
  execFileSync('mv', [client.key, join(folder, 'key.pem')]);
  return { ...own, folder, sign };
}
