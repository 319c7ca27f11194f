/** Whether output has colours. */

/**
 * Whether to print colours, by the usual variables. FORCE_COLOR comes first, as in Node: "0" and "false" switch colours off,
 * anything else that is not empty switches them on, for a pipe too. Then NO_COLOR (no-color.org), CLICOLOR_FORCE and CLICOLOR
 * (bixense.com/clicolors).
 * @param isTerminal whether the output goes to a terminal
 */
export function showsColour(
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean | undefined,
): boolean {
  const forced = env['FORCE_COLOR'] ?? '';
  if (forced !== '') return !['0', 'false'].includes(forced);
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  if (!['', '0'].includes(env['CLICOLOR_FORCE'] ?? '')) return true;
  return isTerminal === true && env['CLICOLOR'] !== '0' && env['TERM'] !== 'dumb';
}
