/** swarmroll completion: prints a shell completion script. */
import { EXIT_CODES } from '../errors.ts';
import type { CommandBody } from '../command-line/command.ts';
import { debug } from '../command-line/common-flags.ts';

const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_swarmroll() {
  local IFS=$'\\n' word=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=($(swarmroll __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  # Bash 3 does not split a word at "=", but replaces only the text after it.
  if [[ \${BASH_VERSINFO[0]} -lt 4 && $word == *=* ]]; then COMPREPLY=("\${COMPREPLY[@]#*=}"); fi
}
complete -o default -F _swarmroll swarmroll
`,
  zsh: `#compdef swarmroll
_swarmroll() {
  local -a found
  found=(\${(f)"$(swarmroll __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  compadd -a found || _files
}
if [[ $funcstack[1] == _swarmroll ]]; then _swarmroll "$@"; else compdef _swarmroll swarmroll; fi
`,
  fish: `function __swarmroll
  set -l words (commandline -opc) (commandline -ct)
  set -g __swarmroll_found (swarmroll __complete -- $words[2..] 2>/dev/null)
  test -n "$__swarmroll_found"
end
# Without candidates, fish completes file names.
complete -c swarmroll -f -n __swarmroll -a '$__swarmroll_found'
`,
  // Before 7.3, PowerShell drops an empty argument, and it gives a script (npm's swarmroll.ps1) no "--" without quotes.
  powershell: `Register-ArgumentCompleter -Native -CommandName swarmroll -ScriptBlock {
  param($word, $line, $cursor)
  $words = @($line.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object {
    if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text }
  })
  if ($word -eq '' -and $PSVersionTable.PSVersion -lt [version]'7.3') { $word = '""' }
  swarmroll '__complete' '--' @words $word 2>$null | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`,
};

export const completion: CommandBody = {
  operands: [{ kind: 'shell', choices: Object.keys(SCRIPTS) }],
  flags: [],
  exits: { done: 'the script was printed' },
  connection: [debug],
  examples: [
    ['eval "$(swarmroll completion bash)"', 'in this bash; add the line to ~/.bashrc for all new ones'],
    ['swarmroll completion zsh > "${fpath[1]}/_swarmroll"', 'in all new zsh sessions'],
    ['swarmroll completion fish > ~/.config/fish/completions/swarmroll.fish', 'in all new fish sessions'],
    [
      'swarmroll completion powershell | Out-String | Invoke-Expression',
      'in this PowerShell; add the line to $PROFILE for all new ones (not tested)',
    ],
  ],
  run: ({ operands: [shell = ''], world }) => {
    world.stdout.write(SCRIPTS[shell] ?? '');
    return Promise.resolve(EXIT_CODES.done);
  },
};
