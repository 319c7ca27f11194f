/**
 * A docker for tests of `stack deploy`: it takes a compose file in JSON and asks the engine at --host for what the real one
 * would: a list of the services, with --prune the removals, then a create or an update of each service. `stack config` prints
 * depends_on of the services, which is beside their specs.
 */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import process from 'node:process';

const argv = process.argv.slice(2);
const stack = argv.at(-1) ?? '';
const file = argv.find((word) => word.startsWith('--compose-file='))?.replace('--compose-file=', '') ?? '';
const LABEL = 'com.docker.stack.namespace';

const send = (method, path, body) =>
  new Promise((resolve, reject) => {
    const socketPath = (argv.find((word) => word.startsWith('--host=')) ?? '').replace('--host=unix://', '');
    const request = http.request({ socketPath, method, path }, (reply) => {
      let text = '';
      reply.on('data', (part) => (text += part));
      reply.on('end', () => {
        const value = text === '' ? undefined : JSON.parse(text);
        if ((reply.statusCode ?? 0) < 300) resolve(value);
        else reject(new Error(`Error response from daemon: ${value.message}`));
      });
    });
    request.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });

try {
  const { services, depends_on: order = {} } = JSON.parse(readFileSync(file, 'utf8'));
  if (argv.includes('config')) {
    const lines = Object.keys(services).flatMap((name) => {
      const others = (order[name] ?? []).map((one) => `      - ${one}`);
      return [`  ${name}:`, ...(others.length === 0 ? [] : ['    depends_on:', ...others]), '    image: x'];
    });
    process.stdout.write(`${['services:', ...lines].join('\n')}\n`);
    process.exit();
  }
  const filters = encodeURIComponent(JSON.stringify({ label: { [`${LABEL}=${stack}`]: true } }));
  const stored = await send('GET', `/services?filters=${filters}`);
  const wanted = Object.entries(services).map(([name, spec]) => ({ ...spec, Name: `${stack}_${name}` }));
  for (const { ID, Spec } of argv.includes('--prune=true') ? stored : []) {
    if (wanted.some(({ Name }) => Name === Spec.Name)) continue;
    process.stdout.write(`Removing service ${Spec.Name}\n`);
    await send('DELETE', `/services/${ID}`);
  }
  for (const spec of wanted) {
    const body = { ...spec, Labels: { ...spec.Labels, [LABEL]: stack } };
    const now = stored.find(({ Spec }) => Spec.Name === spec.Name);
    process.stdout.write(`${now === undefined ? 'Creating' : 'Updating'} service ${spec.Name}\n`);
    if (now === undefined) await send('POST', '/services/create', body);
    else await send('POST', `/services/${now.ID}/update?version=${now.Version.Index}`, body);
  }
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
