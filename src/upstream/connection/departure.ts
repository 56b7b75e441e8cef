import { sleep } from '../pace/time-limit.ts';
import type { RawAnswer } from '../peer/raw-answer.ts';
import type { ConnectionGate } from './connection-gate.ts';
import type { Connection } from './open-connection.ts';

/** The end of a connection that a request has found to be of no more use, while others may still be answered over it. */
export interface Departure {
  /** Lets nobody more on `current` where `answer` says that it is over, and drops it when its requests have ended. */
  heed(current: Connection, answer: RawAnswer): void;
  /** Resolves with the reason when the connection that is used from now on is found to be over. */
  found(): Promise<string>;
  /** Resolves when nothing is left. */
  gone(): Promise<void>;
}

/** Requests that were sent together hear of one and the same end within moments; calls that run longer are not waited for. */
const graceMs = 1000;
/** To be told would cost every call a little. */
const lookEveryMs = 20;

/**
 * A server that has forgotten the session says so to each request, and may answer what it still runs. Dropped at the first such news,
 * all others would end as lost, and nobody would know whether they ran. Once `signal` is aborted nothing is waited for.
 */
export function createDeparture({ gate, signal }: { gate: ConnectionGate; signal: AbortSignal }): Departure {
  let tell: (reason: string) => void = () => {};
  let last: Promise<void> | undefined;

  const leave = async (connection: Connection): Promise<void> => {
    const endMs = performance.now() + graceMs;
    const isBusy = (): boolean => connection.peer.openRequests() > 0 && performance.now() < endMs;
    while (isBusy() && !signal.aborted) await sleep(lookEveryMs, signal);
    await connection.drop();
  };
  return {
    heed(current, answer) {
      if (answer.kind !== 'lost' || !answer.endsConnection || gate.connection() !== current) return;
      gate.shut('connecting', answer.reason);
      tell(answer.reason);
      last = leave(current);
    },
    found: () => new Promise((resolve) => (tell = resolve)),
    gone: () => Promise.resolve(last),
  };
}
