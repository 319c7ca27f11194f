/** What is beside the services in the Engine API's Swarm types, narrowed as in wire.ts: nodes, names, registries. */
import type { Open } from './service.ts';

export interface Node extends Open {
  ID: string;
  Spec: Open & {
    Name?: string;
    Labels?: Record<string, string> | null;
    Role?: string;
    Availability?: string;
  };
  Description?: Open & {
    Hostname?: string;
    Platform?: { Architecture?: string; OS?: string };
    Engine?: { EngineVersion?: string; Labels?: Record<string, string> | null };
  };
  Status: Open & { State: string; Addr?: string };
}

/** A network, secret or config, as far as a name is looked up for its id. */
export interface Named extends Open {
  ID?: string;
  Id?: string;
  Name?: string;
  Spec?: Open & { Name?: string };
}

/** What the registry says of an image (GET /distribution/{name}/json). */
export interface Distribution extends Open {
  Descriptor: { digest?: string };
  Platforms?: { architecture?: string; os?: string; variant?: string }[] | null;
}
