import type { AbortLike } from '../core/abort.ts';
import type { Clock, Rate } from '../core/clock.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Plan, PlannedCall } from '../core/plan.ts';
import type { BatchHandle } from './batch/batch-handle.ts';
import type { RunOptions } from './batch/run-options.ts';
import { startBatch } from './batch/start-batch.ts';
import type { Send } from './call/send.ts';
import type { CallRecorder } from './call-recorder.ts';
import { createDispatcher, type DispatcherLoad, type Limits } from './dispatcher.ts';
import { createPassthrough } from './passthrough.ts';
import type { ServerCaps } from './slots/slot-book.ts';

/** Orders and bounds every call of the process: batches and passthrough calls share its locks and slots. */
export interface Scheduler {
  /** Starts a batch. */
  startBatch(plan: Plan, options: RunOptions): BatchHandle;
  /**
   * Runs a passthrough call: under the locks that the plan names and its server's rate, in no slot of a batch or of the process, and
   * in one of its server only where the user capped that. A cancellation reaches the upstream at once, as if we were not there. Never rejects.
   */
  runPassthrough(
    call: PlannedCall,
    options: { send: Send; signal?: AbortLike; recorder?: CallRecorder },
  ): Promise<Outcome>;
  /** No result that this server has given so far is used again: something has changed there that did not pass through here. */
  forget(server: string): void;
  /** What was under way on this server's connection can take effect no more, so what it left uncertain is as it is. */
  connectionEnded(server: string): void;
  /**
   * Changes the limits while calls run. Calls under way keep their slots. A server that is gone gets no more calls: what waits for it
   * ends as `unknown_tool`.
   */
  apply(limits: SchedulerLimits): void;
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

export interface SchedulerLimits {
  /** Batch calls in flight in the whole process. */
  maxParallel: number;
  servers: ReadonlyMap<string, SchedulerServer>;
}

/** @param options.random 0 to 1, for the jitter of retries @param options.maxPassthrough calls by themselves in flight at once */
export function createScheduler(
  options: SchedulerLimits & { clock: Clock; random?: () => number; maxPassthrough?: number },
): Scheduler {
  const { clock, random = Math.random } = options;
  let { servers } = options;
  const dispatcher = createDispatcher({ clock, random, ...toLimits(options) });
  // One order for batches, passthrough calls and what clients were told.
  let order = 0;
  const next = (): number => order++;
  const bindsServer = (server: string): boolean => servers.get(server)?.bindsPassthrough === true;
  const passthrough = createPassthrough({ clock, dispatcher, next, bindsServer, most: options.maxPassthrough });

  return {
    startBatch: (plan, run) => startBatch(plan, { ...run, clock, dispatcher, next }),
    runPassthrough: passthrough.run,
    forget: dispatcher.forget,
    connectionEnded: dispatcher.connectionEnded,
    apply(limits) {
      servers = limits.servers;
      dispatcher.apply(toLimits(limits));
    },
    load: () => ({ ...dispatcher.load(), passthrough: passthrough.count() }),
  };
}

function toLimits({ maxParallel, servers }: SchedulerLimits): Limits {
  const rates = [...servers].flatMap(([name, { rate }]) => (rate === undefined ? [] : [[name, rate] as const]));
  return { maxParallel, caps: servers, rates: new Map(rates) };
}
