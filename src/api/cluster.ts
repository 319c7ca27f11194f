/**
 * The Engine API's types beside services and tasks: nodes, named objects, images in registries. Narrowed as in
 * service.ts.
 */
import type { OpenObject, Resources } from './service.ts';

/** What a node update sets. Availability is active, pause or drain. */
export type NodeSpec = OpenObject & {
  Name?: string;
  Labels?: Record<string, string> | null;
  Role?: string;
  Availability?: string;
};

export interface Node extends OpenObject {
  ID: string;
  Version?: { Index: number };
  Spec: NodeSpec;
  Description?: OpenObject & {
    Hostname?: string;
    Platform?: { Architecture?: string; OS?: string };
    /** What the node has in all, whatever is reserved of it. */
    Resources?: Resources;
    Engine?: {
      EngineVersion?: string;
      Labels?: Record<string, string> | null;
      /** Type: Volume, Network, Log or Authorization. */
      Plugins?: { Type: string; Name: string }[] | null;
    };
    /** The CSI plugins of the node. */
    CSIInfo?: { PluginName?: string; AccessibleTopology?: Topology | null }[] | null;
  };
  Status: OpenObject & { State: string; Addr?: string };
}

/**
 * A network, secret or config: the fields that give its ID and its name. Networks have Id and Name, the others
 * ID and Spec.
 */
export interface Named extends OpenObject {
  ID?: string;
  Id?: string;
  Name?: string;
  /** Of a network: whether it is the one of the routing mesh. */
  Ingress?: boolean;
  Spec?: OpenObject & { Name?: string };
}

/** A secret or config. The engine shows the data of a config only. */
export interface StoredObject extends OpenObject {
  ID: string;
  Version: { Index: number };
  Spec: OpenObject & { Name?: string; Labels?: Record<string, string> | null };
}

/** A network of the swarm. */
export interface Network extends Named {
  Driver?: string;
  IPAM?: {
    Config?: { Subnet?: string; IPRange?: string; AuxiliaryAddresses?: OpenObject | null }[] | null;
  };
}

/** Where a node is, or where a volume can be used. */
interface Topology {
  Segments?: Record<string, string> | null;
}

/** A volume of the swarm, which a CSI plugin makes. */
export interface ClusterVolume {
  Name: string;
  Driver: string;
  Spec: {
    Group?: string;
    /** active, pause or drain */
    Availability?: string;
    /** Sharing: none, readonly, onewriter or all. */
    AccessMode?: { Sharing?: string };
  };
  /** VolumeID is empty until the plugin has made the volume. */
  Info?: { VolumeID?: string; AccessibleTopology?: Topology[] | null } | null;
}

/** The registry's description of an image (GET /distribution/{name}/json). */
export interface Distribution extends OpenObject {
  Descriptor: { digest?: string };
  Platforms?: { architecture?: string; os?: string }[] | null;
}
