/** swarmroll completion: the script that teaches a shell to complete our command lines. */
import { EXIT_CODES, usageError } from '../errors.ts';
import type { CommandBody } from './command.ts';

const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_swarmroll() {
  local IFS=$'\\n'
  COMPREPLY=($(swarmroll __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _swarmroll swarmroll
`,
  zsh: `#compdef swarmroll
_swarmroll() {
  local -a found
  found=("\${(@f)$(swarmroll __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a found
}
compdef _swarmroll swarmroll
`,
  fish: `complete -c swarmroll -f -a '(swarmroll __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
};

export const completion: CommandBody = {
  operands: 'bash|zsh|fish',
  choices: Object.keys(SCRIPTS),
  minOperands: 1,
  maxOperands: 1,
  flags: [],
  examples: [
    ['source <(swarmroll completion bash)', 'for this bash; put the line in ~/.bashrc for every one'],
  ],
  run: ({ operands: [shell = ''], world }) => {
    const script = SCRIPTS[shell];
    if (script === undefined)
      throw usageError(`no completion for ${JSON.stringify(shell)}: there is bash, zsh and fish`);
    world.stdout.write(script);
    return Promise.resolve(EXIT_CODES.done);
  },
};
