/** Time as the scheduler sees it. The real one is monotonic; tests bring a virtual one. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** Calls `fire` once after `ms`; returns what cancels it. */
  after(ms: number, fire: () => void): () => void;
}

/** How often something may happen: at most `calls` times in any window of `perMs`. */
export interface Rate {
  calls: number;
  perMs: number;
}
