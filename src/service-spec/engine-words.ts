/** The words of a spec as the engine stores them. It takes them in any case; docker sends those of a Compose file as they are. Pure. */
import type { Mount, PortConfig, ServiceSpec } from '../api/service.ts';

/**
 * The spec in the engine's words: "TCP" is "tcp". A protocol, a publish mode or an isolation that it does not know is its default
 * (moby daemon/cluster/convert: service.go, container.go; seen on 28.5).
 */
export function inEngineWords(spec: ServiceSpec): ServiceSpec {
  const { EndpointSpec: endpoint, TaskTemplate } = spec;
  const { ContainerSpec: container } = TaskTemplate;
  return {
    ...spec,
    ...(endpoint?.Ports ? { EndpointSpec: { ...endpoint, Ports: endpoint.Ports.map(portInWords) } } : {}),
    TaskTemplate: {
      ...TaskTemplate,
      ...(container === undefined
        ? {}
        : {
            ContainerSpec: {
              ...container,
              ...(container.Mounts ? { Mounts: container.Mounts.map(mountInWords) } : {}),
              ...words(container, 'Isolation', ['process', 'hyperv'], 'default'),
            },
          }),
    },
  };
}

const portInWords = (port: PortConfig): PortConfig => ({
  ...port,
  ...words(port, 'Protocol', ['udp', 'sctp'], 'tcp'),
  ...words(port, 'PublishMode', ['host'], 'ingress'),
});

/** The engine refuses an unknown type or propagation. */
const mountInWords = (mount: Mount): Mount => ({
  ...mount,
  ...(mount.Type === undefined ? {} : { Type: mount.Type.toLowerCase() }),
  ...(mount.BindOptions?.Propagation === undefined
    ? {}
    : { BindOptions: { ...mount.BindOptions, Propagation: mount.BindOptions.Propagation.toLowerCase() } }),
});

/** A field with one of the known words or, if it has another one, with the default; nothing if it has none. */
function words<K extends string>(
  of: Readonly<Record<string, unknown>>,
  field: K,
  known: readonly string[],
  otherwise: string,
): Partial<Record<K, string>> {
  const word = of[field];
  if (typeof word !== 'string' || word === '') return {};
  const lower = word.toLowerCase();
  return { [field]: known.includes(lower) ? lower : otherwise } as Partial<Record<K, string>>;
}
