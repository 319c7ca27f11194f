/** The labels that `docker stack deploy` sets on each service (docker/cli cli/compose/convert). */

/** The name of the stack. */
export const STACK_LABEL = 'com.docker.stack.namespace';
/** The image as the Compose file has it. docker resolves it anew if it differs. */
export const STACK_IMAGE = 'com.docker.stack.image';
