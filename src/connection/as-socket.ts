/**
 * The socket methods that Node's HTTP agent calls on a kept connection, for streams that are not sockets: they do
 * nothing.
 */
export const AS_SOCKET = {
  setKeepAlive: () => undefined,
  setTimeout: () => undefined,
  ref: () => undefined,
  unref: () => undefined,
};
