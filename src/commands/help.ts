/** The texts of --help: `swarmroll --help` on one screen, and each command's own from its flags. */
import type { Command } from './command.ts';
import { optionsOf } from './parse.ts';

const EXIT_CODES = `Exit codes:
  0    converged, or nothing to do, or accepted with --detach
  1    anything else that went wrong: no such service, refused, engine unreachable
  2    the command line is wrong; nothing was sent
  3    the update failed and the engine rolled it back
  4    the engine paused the update or the rollback
  5    failed: tasks keep failing, or nothing moved within the progress deadline
  7    the service was removed, or another change replaced ours
  124  --timeout passed; the rollout goes on
  130, 143  interrupted; the rollout goes on`;

const MAX_WIDTH = 110;

/** `swarmroll --help`. */
export function overview(commands: readonly Command[]): string {
  const pad = Math.max(...commands.map(({ name }) => name.length)) + 2;
  return [
    'Usage: swarmroll COMMAND [flags] ...',
    '',
    'Roll out Docker Swarm services and say honestly how it ended.',
    '',
    'Commands:',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(pad)}${summary}`),
    '',
    'Flags of `docker service` mean the same here; `swarmroll COMMAND --help` lists them.',
    '-H HOST (or DOCKER_HOST) names the engine; --version shows the version.',
    '',
    EXIT_CODES,
    '',
  ].join('\n');
}

/** `swarmroll COMMAND --help`, for a terminal of so many columns. */
export async function commandHelp(command: Command, columns: number | undefined): Promise<string> {
  const usage = `Usage: swarmroll ${command.name} [flags] ${command.operands}\n\n${command.summary}`;
  const examples = command.examples.map(([line, purpose]) => `  # ${purpose}\n  ${line}`);
  const text = await optionsOf(command)
    .usage(usage)
    .epilogue([...(examples.length > 0 ? ['Examples:', ...examples, ''] : []), EXIT_CODES].join('\n'))
    .wrap(Math.min(columns ?? MAX_WIDTH, MAX_WIDTH))
    .getHelp();
  return `${text}\n`;
}
