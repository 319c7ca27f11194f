/** A real engine that accepts TLS only: a container of the nodes' image, with a swarm of its own. */
import { orThrow, outer, swarm, uniqueName, until } from '../support/swarm.ts';
import type { Authority } from './certificates.ts';

export interface TlsEngine {
  /** Its port on 127.0.0.1. */
  readonly port: number;
  readonly remove: () => Promise<void>;
}

interface Inspected {
  readonly Config: { readonly Image: string; readonly Labels: Readonly<Record<string, string>> };
  readonly HostConfig: {
    readonly Privileged: boolean;
    readonly CapAdd: string[] | null;
    readonly CapDrop: string[] | null;
    readonly SecurityOpt: string[] | null;
    readonly Binds: string[] | null;
    readonly NetworkMode: string;
  };
}

const did = orThrow(outer);

/** Starts an engine whose certificate is from the authority, and which requires client certificates from it. */
export async function tlsEngine(authority: Authority): Promise<TlsEngine> {
  const name = `${swarm.manager}-${uniqueName('tls')}`;
  const own = authority.sign('engine', { use: 'serverAuth' });
  await did(
    ...['create', '--name', name, '--publish', '127.0.0.1::2376', ...(await likeManager())],
    ...[
      '--host=tcp://0.0.0.0:2376',
      '--tlsverify',
      '--tlscacert=/ca.pem',
      '--tlscert=/own.pem',
      '--tlskey=/own-key.pem',
    ],
  );
  const remove = async (): Promise<void> => {
    await did('rm', '--force', '--volumes', name);
  };
  try {
    await did('cp', authority.cert, `${name}:/ca.pem`);
    await did('cp', own.cert, `${name}:/own.pem`);
    await did('cp', own.key, `${name}:/own-key.pem`);
    await did('start', name);
    await until('an engine that speaks TLS', async () => {
      const { code } = await outer(['exec', name, 'docker', 'info']);
      return code === 0 ? true : undefined;
    });
    await did('exec', name, 'docker', 'swarm', 'init', '--advertise-addr', '127.0.0.1');
    const port = Number(/:(\d+)$/m.exec((await did('port', name, '2376')).stdout)?.[1]);
    return { port, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

const PROJECT = 'com.docker.compose.project';

/** The options of `docker run` for a node's container: the same as those of the manager's container. */
async function likeManager(): Promise<string[]> {
  const { stdout } = await did('inspect', swarm.manager);
  const [manager] = JSON.parse(stdout) as [Inspected];
  const { Image, Labels } = manager.Config;
  const { Privileged, CapAdd, CapDrop, SecurityOpt, Binds, NetworkMode } = manager.HostConfig;
  const each = (flag: string, values: string[] | null): string[] =>
    (values ?? []).map((value) => `${flag}=${value}`);
  return [
    ...(Privileged ? ['--privileged'] : []),
    ...each('--cap-add', CapAdd),
    ...each('--cap-drop', CapDrop),
    ...each('--security-opt', SecurityOpt),
    ...each('--volume', Binds),
    ...['--volume', '/var/lib/docker', '--network', NetworkMode],
    // Where a test was broken off, scripts/swarm removes it by this.
    ...['--label', `${PROJECT}=${Labels[PROJECT] ?? ''}`],
    Image,
  ];
}
