/** What Node's HTTP agent asks of a connection that it keeps, for those that are no sockets: it means nothing there. */
export const AS_SOCKET = {
  setKeepAlive: () => undefined,
  setTimeout: () => undefined,
  ref: () => undefined,
  unref: () => undefined,
};
