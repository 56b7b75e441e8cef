import type { AbortLike } from '../core/abort.ts';
import type { Clock, Rate } from '../core/clock.ts';
import { settleUnsent, type Outcome } from '../core/outcome.ts';
import type { Plan, PlannedCall } from '../core/plan.ts';
import { createDispatcher, type DispatcherLoad } from './dispatcher.ts';
import type { RunOptions } from './batch/run-options.ts';
import { runPlan } from './batch/run-plan.ts';
import type { ServerCaps } from './slot-book.ts';
import { cancelGraceMs, type RunningCall, type Send } from './start-call.ts';

/** Passthrough calls that the process admits at once; more are refused, so that a client that never stops cannot grow us without bound. */
const maxPassthrough = 1_024;

/** Orders and bounds every call of the process: batches and passthrough calls share its locks and slots. */
export interface Scheduler {
  /** Runs a batch. One outcome per call, at its index; never rejects. */
  runBatch(plan: Plan, options: RunOptions): Promise<Outcome[]>;
  /**
   * Runs a passthrough call: under the locks that the plan names and its server's rate, in no slot of a batch or of the process, and
   * in one of its server only where the user capped that. A cancellation reaches the upstream at once, as if we were not there. Never rejects.
   */
  runPassthrough(call: PlannedCall, options: { send: Send; signal?: AbortLike }): Promise<Outcome>;
  /** No result that this server has given so far is used again: something has changed there that did not pass through here. */
  forget(server: string): void;
  /** What is held or waited for now; all 0 when nothing is leaked. */
  load(): DispatcherLoad & { passthrough: number };
}

/** Limits of one server. */
export interface SchedulerServer extends ServerCaps {
  /** Whether the caps bind passthrough calls as well. */
  bindsPassthrough: boolean;
  /** Calls dispatched, of batches and passthrough calls together. */
  rate?: Rate;
}

export function createScheduler(options: {
  clock: Clock;
  /** Batch calls in flight in the whole process. */
  maxParallel: number;
  servers: ReadonlyMap<string, SchedulerServer>;
}): Scheduler {
  const { clock, servers } = options;
  const rates = new Map(
    [...servers].flatMap(([name, { rate }]) => (rate === undefined ? [] : [[name, rate] as const])),
  );
  const dispatcher = createDispatcher({ clock, maxParallel: options.maxParallel, caps: servers, rates });
  let age = 0;
  let passthrough = 0;

  return {
    runBatch: (plan, run) => runPlan(plan, { ...run, clock, dispatcher, age: age++ }),
    runPassthrough(call, { send, signal }) {
      if (passthrough >= maxPassthrough) {
        const message = `${maxPassthrough} calls are in flight already; wait for some to end`;
        return Promise.resolve(settleUnsent({ code: 'limit_exceeded', message, retryable: true }));
      }
      if (signal?.aborted === true) {
        const message = 'cancelled before it was sent';
        return Promise.resolve(settleUnsent({ code: 'cancelled', message, retryable: true }));
      }
      passthrough++;
      const acceptedMs = clock.now();
      return new Promise((resolve) => {
        let running: RunningCall | undefined;
        const settled = (outcome: Outcome): void => {
          passthrough--;
          signal?.removeEventListener('abort', cancel);
          resolve(outcome);
        };
        const cancel = (): void => {
          if (running !== undefined) return running.abandon(cancelGraceMs);
          withdraw();
          settled(
            settleUnsent(
              { code: 'cancelled', message: 'cancelled before it was sent', retryable: true },
              clock.now() - acceptedMs,
            ),
          );
        };
        const withdraw = dispatcher.admit({
          call,
          rank: 0,
          share: {
            age: age++,
            maxParallel: 1,
            inFlight: 0,
            turns: 0,
            unstarted: 1,
            backlog: new Map([[call.server, 1]]),
          },
          send,
          acceptedMs,
          slots: { process: false, server: servers.get(call.server)?.bindsPassthrough === true },
          on: { started: (started) => (running = started), settled, gone() {} },
        });
        signal?.addEventListener('abort', cancel, { once: true });
      });
    },
    forget: dispatcher.forget,
    load: () => ({ ...dispatcher.load(), passthrough }),
  };
}
