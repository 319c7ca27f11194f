/** What a person may have meant by a word that is no command or flag: yargs looks for the nearest. */
import yargs from 'yargs';

/** The nearest of the candidates that begin with the same letter; undefined where none is near. */
export async function suggest(word: string, candidates: readonly string[]): Promise<string | undefined> {
  // People rarely mistype the first letter, and without that rule yargs finds something near to any short word.
  const near = candidates.filter((one) => one.charAt(0) === word.charAt(0));
  if (near.length === 0) return undefined;
  let message = '';
  const parser = yargs()
    .help(false)
    .version(false)
    .exitProcess(false)
    .locale('en')
    .recommendCommands()
    .fail((told: string | null) => (message = told ?? ''));
  for (const name of near) parser.command(name, name);
  await parser.parseAsync([word]);
  return near.find((name) => message.endsWith(` ${name}?`));
}
