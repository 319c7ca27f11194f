/** The swarm's registry that wants a login, and who may: the real `docker login` and images of a test's own. */
import { outer, run, swarm, uniqueName } from './swarm.ts';

export const PRIVATE = 'private:5000';
export const USER = 'ann';
export const PASSWORD = 'pass:w0rd & more';

/** The real `docker login`; credentials come to be where the config.json in the folder wants them. */
export async function login(folder: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const words = ['--config', folder, 'login', '-u', USER, '--password-stdin', PRIVATE];
  const { code, stderr } = await run('docker', words, { input: PASSWORD, env });
  if (code !== 0) throw new Error(`docker login: ${stderr}`);
}

/** An image of a good version (ping's tag) that no node has yet, in a repository of its own. */
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
