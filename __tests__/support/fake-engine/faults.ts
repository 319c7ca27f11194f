/** What can happen to a request on its way to the fake engine and back. The names are those of integration/support/proxy.ts. */

/** A reply of the fake engine. */
export interface Reply {
  readonly status: number;
  /** JSON, where it is not bytes or a text. */
  readonly body?: unknown;
  /** The reply breaks off in the middle of its body. */
  readonly isCut?: boolean;
}

/** Makes the reply to a request. `pass` has the engine answer it. */
export type Fault = (pass: () => Promise<Reply>) => Promise<Reply>;

/** The error of Node's HTTP client when the connection is closed before a reply. */
export const hangUp = (): Error => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

/** Somebody else replies, and the engine gets nothing. A text is sent as it is, an object as JSON. */
export const answer =
  (status: number, body: string | object): Fault =>
  () =>
    Promise.resolve({ status, body });

/** The engine gets the request, but the client gets another reply, as from a gateway with a timeout. */
export const answerAfterwards =
  (status: number, body: string | object): Fault =>
  async (pass) => {
    await pass();
    return { status, body };
  };

/** The connection is closed, and the engine gets nothing. */
export const cutBefore: Fault = () => Promise.reject(hangUp());

/** The engine gets the request, and the connection is closed before its reply. */
export const cutAfter: Fault = async (pass) => {
  await pass();
  throw hangUp();
};

/** The connection is closed in the middle of the engine's reply. */
export const cutReply: Fault = async (pass) => ({ ...(await pass()), isCut: true });

/** There is never a reply, and the engine gets nothing. */
export const hang: Fault = () => new Promise(() => undefined);

/** Something happens first, such as a change by somebody else. */
export const first =
  (action: () => unknown): Fault =>
  async (pass) => {
    await action();
    return pass();
  };

/** The swarm is locked, or this engine is no manager (moby daemon/cluster/errors.go; seen on 28.5). */
export const LOCKED = answer(503, {
  message:
    'Swarm is encrypted and needs to be unlocked before it can be used. Please use "docker swarm unlock" to unlock it.',
});
export const NO_MANAGER = answer(503, {
  message:
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
});
/** There is no leader (swarmkit manager/state/raft/raft.go, ErrNoClusterLeader). */
export const NO_LEADER = answer(503, {
  message:
    "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are online. Make sure more than half of the managers are online.",
});
/** Another change was faster (swarmkit manager/state/store, ErrSequenceConflict). */
export const OUT_OF_SEQUENCE = answer(500, {
  message: 'rpc error: code = Unknown desc = update out of sequence',
});
/** An authorization plugin, or a proxy that allows only some requests. */
export const FORBIDDEN = answer(403, 'Forbidden');
