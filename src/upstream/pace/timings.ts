/** Durations in milliseconds; only tests shorten them. */
export interface UpstreamTimings {
  /** For a connection, its tool list included. Slow starters such as `npx` with a cold cache take 20 s. */
  connectLimitMs: number;
  /**
   * Long enough for a process that is up; one that starts slowly gets `slowProbeMs` the next time. A server behind a URL gets that at
   * once: nothing else is tried after it, and many need seconds to wake up.
   */
  probeMs: number;
  slowProbeMs: number;
  /** How long a call waits for a connection that is being made. */
  callWaitMs: number;
  /** From one reading of the tool list to the next, however often it changes. */
  relistGapMs: number;
  /** A connection that held this long ends a row of failures. */
  stableMs: number;
  /** How long the connections of clients with certain capabilities are kept for the next such client. */
  groupLingerMs: number;
  /** How long a server may leave its input unread, while there is some, before it is ended and started again. */
  stallMs: number;
  /** For a sign of life, which healthy servers give at once however long their calls take. */
  healthMs: number;
  /** How long a server that needs a login is left alone, where nobody logs in: it may have been a mistake of its own. */
  loginMs: number;
  /** How long nothing is sent to a server that has lost too many requests in a row. */
  circuitMs: number;
}

export const defaultTimings: UpstreamTimings = {
  connectLimitMs: 30_000,
  probeMs: 2000,
  slowProbeMs: 10_000,
  callWaitMs: 10_000,
  relistGapMs: 2000,
  stableMs: 10_000,
  groupLingerMs: 60_000,
  stallMs: 30_000,
  healthMs: 5000,
  loginMs: 900_000,
  circuitMs: 30_000,
};
