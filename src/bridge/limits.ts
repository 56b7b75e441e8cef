/** Bounds and durations of the bridge, each with its reason. */
export const limits = {
  /** A restart takes seconds, and clients give a request 60 s: who has not been sent by then had better be told. */
  maxWaitMs: 30_000,
  /** A call that was sent, and whose stream could be resumed, is worth less the later its outcome is known. */
  resumeMs: 5000,
  /** Far more than any client sends at once; each may be as large as a message may be. */
  maxWaiting: 1000,
  /** Requests not answered yet. Each in flight holds a socket. */
  maxOpen: 5000,
  /** Notifications on their way: a client that sends more than this ahead of the network does not wait for them to matter. */
  maxOutbox: 1000,
  /** Questions of a server that the client has not answered, and those of lost sessions that it may answer still. */
  maxQuestions: 1000,
  /** Subscriptions that are made again in a new session. */
  maxSubscriptions: 1000,
  /** As long as a message of the client may be. */
  maxMessageBytes: 32 * 1024 * 1024,
  /** Of the body of an HTTP error: enough for any JSON-RPC error, not for a page. */
  maxErrorBytes: 64 * 1024,
  /** Requests of our own: a proxy that lives answers them at once. */
  ownRequestMs: 10_000,
  /** A proxy that stops lets its calls finish for 10 s, on streams that it opened before. */
  drainMs: 10_000,
  /** How long a cancellation waits for a sign that its request has come: one that is answered in one piece gives none. */
  arrivalMs: 100,
  /** How long calls wait for the stream of what the proxy says unasked: some servers send nothing of it before they have to say something. */
  streamOpenMs: 500,
  /** How long the answer of a cancelled legacy request may still come: as long as a write is waited for. */
  cancelGraceMs: 30_000,
  /** From the answer to the end of its stream, which the server owes us. */
  lingerMs: 5000,
  /** A notification that is not accepted by then holds up its followers no longer. */
  notificationMs: 10_000,
  /** The client has gone; nobody waits for a tidy end of its session for long. */
  farewellMs: 1000,
  /** Longest pause that a server may ask for before its stream is opened again. */
  maxRetryMs: 30_000,
} as const;
