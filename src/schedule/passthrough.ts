import type { AbortLike } from '../core/abort.ts';
import type { Clock } from '../core/clock.ts';
import { defaultLimits } from '../core/limits.ts';
import { settleUnsent, type CallError, type Outcome } from '../core/outcome.ts';
import type { PlannedCall } from '../core/plan.ts';
import { cancelGraceMs, type RunningCall } from './call/admission.ts';
import type { Send } from './call/send.ts';
import type { CallRecorder } from './call-recorder.ts';
import type { Dispatcher } from './dispatcher.ts';
import { expectCalls, newShare, tell } from './slots/ready-queue.ts';

export interface PassthroughOptions {
  send: Send;
  signal?: AbortLike;
  recorder?: CallRecorder;
  /** The principal whose call it is: results are used again for its own calls alone. */
  owner?: string;
}

/** Passthrough calls: each a batch of one, without its slots. */
export interface Passthrough {
  /** One outcome, never a rejection. */
  run(call: PlannedCall, options: PassthroughOptions): Promise<Outcome>;
  /** How many have not ended. */
  count(): number;
}

export function createPassthrough(bag: {
  clock: Clock;
  dispatcher: Dispatcher;
  /** Counts what arrives. */
  next: () => number;
  /** Whether the caps of this server bind passthrough calls as well. */
  bindsServer: (server: string) => boolean;
  /** Calls that are admitted at once; more are refused, so that a client that never stops cannot grow us without bound. */
  most?: number | undefined;
}): Passthrough {
  const { clock, dispatcher, next, bindsServer, most = defaultLimits.passthroughCalls } = bag;
  let count = 0;

  const run: Passthrough['run'] = (call, { send, signal, recorder, owner }) => {
    if (count >= most) {
      const message = `${most} calls are in flight already (limits.passthroughCalls); wait for some to end`;
      return Promise.resolve(settleUnsent({ code: 'limit_exceeded', message, retryable: true }));
    }
    if (signal?.aborted === true) return Promise.resolve(settleUnsent(neverSent));
    count++;
    const acceptedMs = clock.now();
    const share = newShare(next(), 1);
    expectCalls(share, call.server, 1);
    return new Promise((resolve) => {
      let running: RunningCall | undefined;
      const settled = (outcome: Outcome): void => {
        count--;
        signal?.removeEventListener('abort', cancel);
        // Its client gets the outcome now.
        if (share.untold.length > 0) tell(share, { ms: clock.now(), order: next() });
        resolve(outcome);
      };
      const cancel = (): void => {
        if (running !== undefined) return running.abandon(cancelGraceMs);
        withdraw();
        settled(settleUnsent(neverSent, clock.now() - acceptedMs));
      };
      const withdraw = dispatcher.admit({
        call,
        rank: 0,
        share,
        send,
        recorder,
        owner,
        acceptedMs,
        leftMs: forEver,
        slots: { process: false, server: bindsServer(call.server) },
        on: { started: (started) => (running = started), settled, gone() {} },
      });
      signal?.addEventListener('abort', cancel, { once: true });
    });
  };

  return { run, count: () => count };
}

const neverSent: CallError = { code: 'cancelled', message: 'cancelled before it was sent', retryable: true };

function forEver(): number {
  return Number.POSITIVE_INFINITY;
}
