/** `stack deploy --detach` beside docker's: stacks of services without tasks, each with an image of its own. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROUNDS, SWARMROLL, ms, scratch } from './compare.mjs';
import { SOCKET } from './engine.mjs';
import { median, ratio, timed } from './pairs.mjs';
import { proxy } from './proxy.mjs';
import { LABEL, docker } from './services.mjs';

const REPOSITORY = `${process.env.SWARMROLL_TEST_REGISTRY}/ping`;
const { SWARMROLL_TEST_MANAGER: manager, SWARMROLL_TEST_OUTER_HOST: outer } = process.env;
const COUNT = 20;

/** Gives the image so many more tags in the registry. */
export function tagImages() {
  const commands = Array.from({ length: COUNT }, (_, index) => `${REPOSITORY}:bench-${index}`).map(
    (image) => `docker tag ${REPOSITORY}:1.0 ${image} && docker push -q ${image} && docker rmi ${image}`,
  );
  const script = [`docker pull -q ${REPOSITORY}:1.0`, ...commands].join(' && ');
  execFileSync('docker', ['-H', outer, 'exec', manager, 'sh', '-c', script], { stdio: 'ignore' });
}

/** Writes a compose file of so many services and, of both, so many secrets and configs. Each service uses one of each. @returns its path */
function composeFile(services, objects) {
  const folder = join(scratch, `stack-${services}-${objects}`);
  mkdirSync(folder, { recursive: true });
  const [label, value] = LABEL.split('=');
  const service = (index) => ({
    image: `${REPOSITORY}:bench-${index}`,
    deploy: { replicas: 0, labels: { [label]: value } },
    networks: ['none'],
    ...(objects === 0
      ? {}
      : { secrets: [`secret${index % objects}`], configs: [`config${index % objects}`] }),
  });
  const named = (count, stem, make) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${stem}${index}`, make(index)]));
  const file = (index) => {
    writeFileSync(join(folder, `data-${index}`), `data ${index}`);
    return { file: `./data-${index}` };
  };
  const path = join(folder, 'compose.json');
  writeFileSync(
    path,
    JSON.stringify({
      services: named(services, 's', service),
      networks: { none: { external: true, name: 'host' } },
      secrets: named(objects, 'secret', file),
      configs: named(objects, 'config', file),
    }),
  );
  return path;
}

/** An engine on a socket of its own whose registry is slow. It counts the requests that write. */
async function engineWith(registryDelay) {
  const path = join(scratch, `engine-${registryDelay}.sock`);
  const agent = new http.Agent({ keepAlive: true });
  let writes = 0;
  const server = http.createServer(async (request, response) => {
    const { method, url, headers } = request;
    if (method !== 'GET' && method !== 'HEAD') writes += 1;
    if (url.includes('/distribution/')) await sleep(registryDelay);
    const onward = http.request({ socketPath: SOCKET, agent, method, path: url, headers }, (reply) => {
      response.writeHead(reply.statusCode, reply.headers);
      reply.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  await new Promise((resolve) => server.listen(path, resolve));
  return {
    path,
    writes: () => writes,
    close: () => {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}

let made = 0;

/**
 * Deploys new stacks, each of them twice, with each client in turn. The first round does not count.
 * @param {object} options `most`: the limits of creating a stack and of deploying it again
 */
export async function deploying(what, { services = COUNT, objects = 0, roundTrip = 0, registry = 0, most }) {
  const path = composeFile(services, objects);
  const engine = registry === 0 ? { path: SOCKET, close: () => undefined } : await engineWith(registry);
  const link =
    roundTrip === 0
      ? { host: `unix://${engine.path}`, close: () => undefined }
      : await proxy(roundTrip, engine.path);
  const times = [0, 1].map(() => ({ created: [], again: [] }));
  try {
    for (let round = -1; round < Math.min(ROUNDS, 10); round += 1) {
      for (const [index, program] of [SWARMROLL, 'docker'].entries()) {
        const stack = `bench-stack-${(made += 1)}`;
        const command = [program, 'stack', 'deploy', '--detach=true', '-c', path, stack];
        for (const taken of [times[index].created, times[index].again]) {
          const took = await timed({ command, env: { DOCKER_HOST: link.host } });
          if (round >= 0) taken.push(took);
        }
        docker('stack', 'rm', stack);
      }
    }
  } finally {
    link.close();
    engine.close();
  }
  const [ours, theirs] = times;
  return ['created', 'again'].flatMap((key, index) =>
    most[index] === undefined
      ? []
      : [
          {
            what: `${what}, ${key}`,
            build: 'executable',
            ours: ms(median(ours[key])),
            theirs: `docker ${ms(median(theirs[key]))}`,
            ratio: ratio(ours[key], theirs[key]),
            most: most[index],
          },
        ],
  );
}

/** The requests that write when a stack is deployed again, unchanged. */
export async function writesOfTheSame() {
  const path = composeFile(COUNT, 0);
  const engine = await engineWith(0);
  const counts = [];
  try {
    for (const program of [SWARMROLL, 'docker']) {
      const stack = `bench-stack-${(made += 1)}`;
      const command = [program, 'stack', 'deploy', '--detach=true', '-c', path, stack];
      const env = { DOCKER_HOST: `unix://${engine.path}` };
      await timed({ command, env });
      const before = engine.writes();
      await timed({ command, env });
      counts.push(engine.writes() - before);
      docker('stack', 'rm', stack);
    }
  } finally {
    engine.close();
  }
  const [ours, theirs] = counts;
  return {
    what: `stack of ${COUNT} services, again: requests that write`,
    build: 'executable',
    ours: `${ours}`,
    theirs: `docker ${theirs}`,
    ratio: ours / theirs,
    most: 0,
  };
}
