/** The swarm's registry that requires a login: its user, the real `docker login`, and images for a test. */
import { outer, run, swarm, uniqueName } from './swarm.ts';

export const PRIVATE = 'private:5000';
export const USER = 'ann';
export const PASSWORD = 'pass:w0rd & more';

/** Runs the real `docker login`. The config.json in the folder decides where the credentials are stored. */
export async function login(folder: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const args = ['--config', folder, 'login', '-u', USER, '--password-stdin', PRIVATE];
  const { code, stderr } = await run('docker', args, { input: PASSWORD, env });
  if (code !== 0) throw new Error(`docker login: ${stderr}`);
}

/** Pushes ping with this tag to a new repository of the private registry. No node has the image yet. */
export async function privateImage(tag = '1.0'): Promise<string> {
  const image = `${PRIVATE}/${uniqueName('ping')}:${tag}`;
  const script = `set -e
    export DOCKER_CONFIG=$(mktemp -d)
    printf %s '${PASSWORD}' | docker login -u ${USER} --password-stdin ${PRIVATE}
    docker pull -q ${swarm.registry}/ping:${tag}
    docker tag ${swarm.registry}/ping:${tag} ${image}
    docker push -q ${image}
    docker rmi ${image}
    rm -r "$DOCKER_CONFIG"`;
  const { code, stderr } = await outer(['exec', swarm.manager, 'sh', '-c', script]);
  if (code !== 0) throw new Error(`cannot push ${image}: ${stderr}`);
  return image;
}
