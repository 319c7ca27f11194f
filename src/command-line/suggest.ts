/** Suggests the command or flag that a user meant, with the spelling suggestions of yargs. */
import yargs from 'yargs';

/**
 * The candidate with the most similar spelling; undefined if none is similar.
 * @param name the unknown name that the user typed
 */
export async function suggest(name: string, candidates: readonly string[]): Promise<string | undefined> {
  // Users rarely mistype the first letter. Without this rule, yargs suggests something for every short name.
  const sameLetter = candidates.filter((one) => one.charAt(0) === name.charAt(0));
  if (sameLetter.length === 0) return undefined;
  let message = '';
  const parser = yargs()
    .help(false)
    .version(false)
    .exitProcess(false)
    .locale('en')
    .recommendCommands()
    .fail((text: string | null) => (message = text ?? ''));
  for (const one of sameLetter) parser.command(one, one);
  await parser.parseAsync([name]);
  return sameLetter.find((one) => message.endsWith(` ${one}?`));
}
