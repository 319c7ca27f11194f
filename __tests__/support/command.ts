/** The built command that the tests run: the build for Node, or the executable that SWARMROLL_COMMAND names. */
import { join, resolve } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

const NODE_BUILD = join(ROOT, 'dist/cli.js');
const { SWARMROLL_COMMAND = '' } = process.env;

/** The absolute path of the command under test. */
export const EXECUTABLE = SWARMROLL_COMMAND === '' ? NODE_BUILD : resolve(ROOT, SWARMROLL_COMMAND);

export const isNodeBuild = EXECUTABLE === NODE_BUILD;

/** The command under test for an environment in which the file's first line does not find node. */
export const COMMAND: readonly [string, ...string[]] = isNodeBuild
  ? [process.execPath, EXECUTABLE]
  : [EXECUTABLE];
