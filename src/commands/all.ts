/** Every command, in the order of `swarmroll --help`. */
import type { CommandEntry } from '../command-line/command.ts';

const SHOWN: readonly CommandEntry[] = [
  {
    name: 'create',
    summary: 'Create a service and watch until its tasks run',
    load: async () => (await import('./create.ts')).create,
  },
  {
    name: 'update',
    summary: 'Change a service and watch until its tasks run the new spec',
    load: async () => (await import('./update.ts')).update,
  },
  {
    name: 'rollback',
    summary: 'Roll back a service to its previous spec and watch until its tasks run',
    load: async () => (await import('./rollback.ts')).rollback,
  },
  {
    name: 'scale',
    summary: 'Set the number of replicas of services and watch until they run',
    load: async () => (await import('./scale.ts')).scale,
  },
  {
    name: 'restart',
    summary: 'Replace every task of services and watch until the new tasks run',
    load: async () => (await import('./restart.ts')).restart,
  },
  {
    name: 'wait',
    summary: 'Wait until services run, whoever deployed them',
    load: async () => (await import('./wait.ts')).wait,
  },
  {
    name: 'stack deploy',
    alias: 'stack up',
    summary: 'Deploy a stack and watch until all its services run',
    load: async () => (await import('./stack-deploy.ts')).stackDeploy,
  },
  {
    name: 'stack diff',
    summary: 'Show what a deployment of a stack would change; exit code 6 if anything would change',
    load: async () => (await import('./stack-deploy.ts')).stackDiff,
  },
  {
    name: 'stack config',
    summary: 'Print the stack file that --compose makes of Compose files',
    load: async () => (await import('./stack-config.ts')).stackConfig,
  },
  {
    name: 'node drain',
    summary: 'Empty a node; each service keeps running on the other nodes',
    load: async () => (await import('./node-drain.ts')).nodeDrain,
  },
  {
    name: 'node undrain',
    summary: 'Undo a drain, whether it is finished or not',
    load: async () => (await import('./node-drain.ts')).nodeUndrain,
  },
  {
    name: 'diff',
    summary: 'Show what the last change of a service has changed, and which tasks that replaced',
    load: async () => (await import('./diff.ts')).diff,
  },
  {
    name: 'ps',
    summary: 'List the tasks of one or more services',
    load: async () => (await import('./ps.ts')).ps,
  },
  {
    name: 'history',
    summary: 'List the earlier task templates of a service, to which it can be rolled back',
    load: async () => (await import('./history.ts')).history,
  },
  {
    name: 'inspect',
    summary: 'Show one or more services in detail',
    load: async () => (await import('./inspect.ts')).inspect,
  },
  {
    name: 'completion',
    summary: 'Generate a shell completion script',
    load: async () => (await import('./completion.ts')).completion,
  },
  {
    name: 'plugin install',
    summary: 'Install the Docker CLI plugin: docker swarmroll ...',
    load: async () => (await import('./plugin.ts')).install,
  },
  {
    name: 'plugin uninstall',
    summary: 'Remove the Docker CLI plugin',
    load: async () => (await import('./plugin.ts')).uninstall,
  },
];

export const COMMANDS: readonly CommandEntry[] = [
  ...SHOWN,
  {
    name: '__complete',
    hidden: true,
    summary: 'Print completion candidates',
    load: async () => (await import('./complete.ts')).completeFor(SHOWN),
  },
];
