/** The docker command that belongs to this program. */

/**
 * What the user types to run docker on the same engine.
 * @param program what the user types to run this program: "swarmroll --host=x" or, as a plugin, "docker --host=x swarmroll"
 */
export const dockerOf = (program: string): string =>
  program.startsWith('docker') ? program.replace(/ swarmroll$/, '') : program.replace(/^swarmroll/, 'docker');
