import type { Clock, Rate } from '../core/clock.ts';
import { defaultLimits } from '../core/limits.ts';
import type { CallError, Outcome } from '../core/outcome.ts';
import type { Plan, PlanEntry, PlannedCall } from '../core/plan.ts';
import { decideAdmission } from './admission/decide-admission.ts';
import type { BatchHandle } from './batch/batch-handle.ts';
import type { RunOptions } from './batch/run-options.ts';
import { startBatch, type StartedBatch } from './batch/start-batch.ts';
import { createDispatcher, type DispatcherLoad, type Limits } from './dispatcher.ts';
import { createPassthrough, type PassthroughOptions } from './passthrough.ts';
import type { ServerCaps } from './slots/slot-book.ts';

/** Orders and bounds every call of the process: batches and passthrough calls share its locks and slots. */
export interface Scheduler {
  /**
   * Why a batch is not to be started now: more of others waits than it could outwait. Nothing where it may; one that nobody is ahead of
   * always may.
   */
  refusal(plan: Plan): CallError | undefined;
  /** Starts a batch. */
  startBatch(plan: Plan, options: RunOptions): BatchHandle;
  /**
   * Runs a passthrough call: under the locks that the plan names and its server's rate, in no slot of a batch or of the process, and
   * in one of its server only where the user capped that. A cancellation reaches the upstream at once, as if we were not there. Never rejects.
   */
  runPassthrough(call: PlannedCall, options: PassthroughOptions): Promise<Outcome>;
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

/**
 * @param options.random 0 to 1, for the jitter of retries @param options.maxPassthrough calls by themselves in flight at once
 * @param options.maxWaiting calls of batches that have not started, over all batches; as many again may wait for a person
 */
export function createScheduler(
  options: SchedulerLimits & { clock: Clock; random?: () => number; maxPassthrough?: number; maxWaiting?: number },
): Scheduler {
  const { clock, random = Math.random, maxWaiting = defaultLimits.queuedCalls } = options;
  let { servers } = options;
  const dispatcher = createDispatcher({ clock, random, ...toLimits(options) });
  // One order for batches, passthrough calls and what clients were told.
  let order = 0;
  const open = new Set<StartedBatch>();
  const next = (): number => order++;
  const bindsServer = (server: string): boolean => servers.get(server)?.bindsPassthrough === true;
  const passthrough = createPassthrough({ clock, dispatcher, next, bindsServer, most: options.maxPassthrough });

  return {
    refusal(plan) {
      const { deadlineMs, entries } = plan;
      let waiting = 0;
      let heldBack = 0;
      for (const batch of open) {
        const held = batch.approvals.heldBack();
        waiting += batch.unstarted() - held;
        heldBack += held;
      }
      const calls = entries.filter(({ kind }) => kind === 'run').length;
      const crowds = dispatcher.crowds(plan);
      return decideAdmission({
        crowds,
        deadlineMs,
        calls,
        waiting,
        heldBack,
        mayAsk: entries.some(mayAsk),
        maxWaiting,
      });
    },
    startBatch(plan, run) {
      const batch = startBatch(plan, { ...run, clock, dispatcher, next });
      open.add(batch);
      void batch.ended.then(() => open.delete(batch));
      return batch;
    },
    runPassthrough: passthrough.run,
    forget: dispatcher.forget,
    connectionEnded: dispatcher.connectionEnded,
    apply(limits) {
      servers = limits.servers;
      dispatcher.apply(toLimits(limits));
      for (const batch of open) batch.approvals.dismiss((server) => servers.has(server));
    },
    load: () => ({ ...dispatcher.load(), passthrough: passthrough.count() }),
  };
}

function mayAsk(entry: PlanEntry): boolean {
  return entry.kind === 'run' && (entry.call.approval !== undefined || entry.call.mayAsk === true);
}

function toLimits({ maxParallel, servers }: SchedulerLimits): Limits {
  const rates = [...servers].flatMap(([name, { rate }]) => (rate === undefined ? [] : [[name, rate] as const]));
  return { maxParallel, caps: servers, rates: new Map(rates) };
}
