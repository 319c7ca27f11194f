/** The Go types of a container's spec: the largest part of a service. */
import { DURATION } from './go-time.ts';
import {
  BOOL,
  INT,
  INT64,
  STRING,
  STRINGS,
  STRING_MAP,
  UINT32,
  amount,
  listOf,
  named,
  pointerTo,
  record,
  struct,
} from './go-types.ts';
import type { Scalar, Struct } from './go-types.ts';

/** "-r--r--r--": permissions as Go shows them. */
const FILE_MODE: Scalar = {
  kind: 'uint',
  name: 'fs.FileMode',
  own: {
    shows: (given) =>
      `-${Array.from('rwxrwxrwx', (letter, index) => ((amount(given) >> (8 - index)) & 1 ? letter : '-')).join('')}`,
    methods: {},
  },
};

const CredentialSpec = struct('swarm.CredentialSpec', { Config: STRING, File: STRING, Registry: STRING });
const SELinuxContext = struct('swarm.SELinuxContext', {
  Disable: BOOL,
  User: STRING,
  Role: STRING,
  Type: STRING,
  Level: STRING,
});
const SeccompOpts = struct('swarm.SeccompOpts', {
  Mode: named('swarm.SeccompMode'),
  Profile: listOf(UINT32),
});
const AppArmorOpts = struct('swarm.AppArmorOpts', { Mode: named('swarm.AppArmorMode') });
const Privileges = struct('swarm.Privileges', {
  CredentialSpec: pointerTo(CredentialSpec),
  SELinuxContext: pointerTo(SELinuxContext),
  Seccomp: pointerTo(SeccompOpts),
  AppArmor: pointerTo(AppArmorOpts),
  NoNewPrivileges: BOOL,
});

const BindOptions = struct('mount.BindOptions', {
  Propagation: named('mount.Propagation'),
  NonRecursive: BOOL,
  CreateMountpoint: BOOL,
  ReadOnlyNonRecursive: BOOL,
  ReadOnlyForceRecursive: BOOL,
});
const VolumeOptions = struct('mount.VolumeOptions', {
  NoCopy: BOOL,
  Labels: STRING_MAP,
  Subpath: STRING,
  DriverConfig: pointerTo(struct('mount.Driver', { Name: STRING, Options: STRING_MAP })),
});
const Mount = struct('mount.Mount', {
  Type: named('mount.Type'),
  Source: STRING,
  Target: STRING,
  ReadOnly: BOOL,
  Consistency: named('mount.Consistency'),
  BindOptions: pointerTo(BindOptions),
  VolumeOptions: pointerTo(VolumeOptions),
  ImageOptions: pointerTo(struct('mount.ImageOptions', { Subpath: STRING })),
  TmpfsOptions: pointerTo(
    struct('mount.TmpfsOptions', { SizeBytes: INT64, Mode: FILE_MODE, Options: listOf(STRINGS) }),
  ),
  ClusterOptions: pointerTo(struct('mount.ClusterOptions', {})),
});

const HealthConfig = struct('v1.HealthcheckConfig', {
  Test: STRINGS,
  Interval: DURATION,
  Timeout: DURATION,
  StartPeriod: DURATION,
  StartInterval: DURATION,
  Retries: INT,
});
const DNSConfig = struct('swarm.DNSConfig', { Nameservers: STRINGS, Search: STRINGS, Options: STRINGS });
const fileTarget = (name: string): Struct =>
  struct(name, { Name: STRING, UID: STRING, GID: STRING, Mode: FILE_MODE });
const SecretReference = struct('swarm.SecretReference', {
  File: pointerTo(fileTarget('swarm.SecretReferenceFileTarget')),
  SecretID: STRING,
  SecretName: STRING,
});
const ConfigReference = struct('swarm.ConfigReference', {
  File: pointerTo(fileTarget('swarm.ConfigReferenceFileTarget')),
  Runtime: pointerTo(struct('swarm.ConfigReferenceRuntimeTarget', {})),
  ConfigID: STRING,
  ConfigName: STRING,
});
const Ulimit = struct(
  'units.Ulimit',
  { Name: STRING, Hard: INT64, Soft: INT64 },
  {
    own: {
      shows: ({ data }) => {
        const { Name = '', Soft = 0, Hard = 0 } = record(data);
        return `${String(Name)}=${String(Soft)}:${String(Hard)}`;
      },
      methods: {},
    },
  },
);

export const ContainerSpec = struct('swarm.ContainerSpec', {
  Image: STRING,
  Labels: STRING_MAP,
  Command: STRINGS,
  Args: STRINGS,
  Hostname: STRING,
  Env: STRINGS,
  Dir: STRING,
  User: STRING,
  Groups: STRINGS,
  Privileges: pointerTo(Privileges),
  Init: pointerTo(BOOL),
  StopSignal: STRING,
  TTY: BOOL,
  OpenStdin: BOOL,
  ReadOnly: BOOL,
  Mounts: listOf(Mount),
  StopGracePeriod: pointerTo(DURATION),
  Healthcheck: pointerTo(HealthConfig),
  Hosts: STRINGS,
  DNSConfig: pointerTo(DNSConfig),
  Secrets: listOf(pointerTo(SecretReference)),
  Configs: listOf(pointerTo(ConfigReference)),
  Isolation: named('container.Isolation'),
  Sysctls: STRING_MAP,
  CapabilityAdd: STRINGS,
  CapabilityDrop: STRINGS,
  Ulimits: listOf(pointerTo(Ulimit)),
  OomScoreAdj: INT64,
});
