/**
 * A docker for tests of `stack deploy`: it takes a compose file in JSON and asks the engine at --host for what the real one
 * would: a create or an update of each secret and config, a list of the services, with --prune the removals, then a create or an
 * update of each service. A secret or config is a spec; it may have a Name of its own, or be `external`. The services name those of
 * the file, and docker looks up their ids. `stack config` prints depends_on of the services, which is beside their specs.
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
  const { services, depends_on: order = {}, ...objects } = JSON.parse(readFileSync(file, 'utf8'));
  if (argv.includes('config')) {
    const lines = Object.keys(services).flatMap((name) => {
      const others = (order[name] ?? []).map((one) => `      - ${one}`);
      return [`  ${name}:`, ...(others.length === 0 ? [] : ['    depends_on:', ...others]), '    image: x'];
    });
    process.stdout.write(`${['services:', ...lines].join('\n')}\n`);
    process.exit();
  }
  for (const family of ['secrets', 'configs']) {
    for (const [key, { external, Name = `${stack}_${key}`, ...spec }] of Object.entries(
      objects[family] ?? {},
    )) {
      if (external === true) continue;
      const body = { ...spec, Name, Labels: { ...spec.Labels, [LABEL]: stack } };
      const now = await send('GET', `/${family}/${Name}`).catch(() => undefined);
      if (now === undefined) await send('POST', `/${family}/create`, body);
      else await send('POST', `/${family}/${now.ID}/update?version=${now.Version.Index}`, body);
    }
  }
  /** The references with the ids of what they name. */
  const found = async (family, references, name, id) => {
    if (references === undefined) return undefined;
    const names = references.map((one) => one[name]);
    const filter = encodeURIComponent(
      JSON.stringify({ name: Object.fromEntries(names.map((one) => [one, true])) }),
    );
    const all = await send('GET', `/${family}?filters=${filter}`);
    return references.map((one) => {
      const { ID } = all.find(({ Spec }) => Spec.Name === one[name]) ?? {};
      if (ID === undefined) throw new Error(`${family.slice(0, -1)} not found: ${one[name]}`);
      return { ...one, [id]: ID };
    });
  };
  const filters = encodeURIComponent(JSON.stringify({ label: { [`${LABEL}=${stack}`]: true } }));
  const stored = await send('GET', `/services?filters=${filters}`);
  const wanted = Object.entries(services).map(([name, spec]) => ({ ...spec, Name: `${stack}_${name}` }));
  for (const { ID, Spec } of argv.includes('--prune=true') ? stored : []) {
    if (wanted.some(({ Name }) => Name === Spec.Name)) continue;
    process.stdout.write(`Removing service ${Spec.Name}\n`);
    await send('DELETE', `/services/${ID}`);
  }
  for (const spec of wanted) {
    const { ContainerSpec } = spec.TaskTemplate;
    const Secrets = await found('secrets', ContainerSpec.Secrets, 'SecretName', 'SecretID');
    const Configs = await found('configs', ContainerSpec.Configs, 'ConfigName', 'ConfigID');
    const TaskTemplate = { ...spec.TaskTemplate, ContainerSpec: { ...ContainerSpec, Secrets, Configs } };
    const body = { ...spec, TaskTemplate, Labels: { ...spec.Labels, [LABEL]: stack } };
    const now = stored.find(({ Spec }) => Spec.Name === spec.Name);
    process.stdout.write(`${now === undefined ? 'Creating' : 'Updating'} service ${spec.Name}\n`);
    if (now === undefined) await send('POST', '/services/create', body);
    else await send('POST', `/services/${now.ID}/update?version=${now.Version.Index}`, body);
  }
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
