import type { JsonObject } from './json.ts';
import type { Lock } from './lock.ts';
import type { CallError, Outcome, Status } from './outcome.ts';
import type { ToolClass } from './tool.ts';
import type { FlowMark } from './verdict.ts';

/** What decides whether calls of a batch may run side by side; `none` states no preference and leaves it to the next level. */
export type Parallel = 'prefer' | 'avoid' | 'none';

/** On which end of an earlier call one that depends on it runs: success, any end, any end but success. */
export const whens = ['ok', 'settled', 'error'] as const;
export type When = (typeof whens)[number];

/** An earlier call of the batch whose end decides whether this one runs. */
export interface Dependency {
  index: number;
  when: When;
  /** Nothing of its result is used. */
  isOrderOnly?: true;
}

/** Why a dependency that has ended this way keeps the call from running; nothing where it does not. */
export function unmetDependency(when: When, { id, status }: { id: string; status: Status }): CallError | undefined {
  const isOk = status === 'ok';
  if (when === 'settled' || isOk === (when === 'ok')) return undefined;
  const message = isOk
    ? `not run: it was to run only if ${id} did not succeed, and ${id} is ok`
    : `not run: it depends on ${id}, which is ${status}`;
  return { code: 'dependency_failed', message, retryable: !isOk, by: id };
}

/** Why a call does not start under `onError: stop` after this one. */
export function stoppedAfter(id: string): CallError {
  const message = `not started: ${id} did not succeed, and onError is "stop"`;
  return { code: 'stopped_after_error', message, retryable: true, by: id };
}

/** One call, ready to be scheduled: everything that decides when it may run is known. */
export interface PlannedCall {
  /** Position in the batch, from 0. */
  index: number;
  id: string;
  /** Key of the upstream in the configuration. */
  server: string;
  /** The tool's name at its upstream. */
  tool: string;
  /** The name under which clients see the tool. */
  exposedName: string;
  arguments: JsonObject;
  class: ToolClass;
  /** Why it has this class. */
  reason: string;
  /** All locks, ancestors' intentions included, one per node. */
  locks: readonly Lock[];
  /** Indices of the earlier calls of the batch that hold conflicting locks: those must be free first. */
  after: readonly number[];
  /** The earlier calls whose end must be known first, by `dependsOn` and by references, at most one entry for each. */
  needs: readonly Dependency[];
  /**
   * References are still to be filled, or elements to be found: `arguments` are as written, class and locks are the widest that
   * the call could have. It is prepared once its dependencies have ended.
   */
  isOpen?: true;
  /** It is open, and once its arguments are known it needs approval, or may. */
  mayAsk?: true;
  /**
   * A person has to say yes to it before it is admitted, why, and what the user can do so that it runs unasked (`add X to "allow:" in
   * FILE`). `isFlow`: for what was read before, not for what it is by itself. Never of an open call: nobody is asked about what is not
   * known yet.
   */
  approval?: { reason: string; mend?: string; isFlow?: true };
  /** What policy marks its tool with, for the flow rule. Absent: nothing. */
  marks?: readonly FlowMark[];
  /** Index of the earlier, identical read that is sent in its stead. */
  sameAs?: number;
  /** How long its result may be used again for an identical call. Reads only; absent: not at all. */
  cacheMs?: number;
  /** Number of calls on the longest chain of successors, this call included. */
  pathLength: number;
  /** Counted from dispatch, not while the call waits. Absent: no limit of its own. */
  timeoutMs?: number;
  /** It may be sent again, since it reads, or since policy declares it idempotent. Absent: at most once, whatever happens. */
  mayRepeat?: { times: number; afterTimeout: boolean };
  /** It runs though an earlier write of its key ended without anybody learning whether it took effect. */
  ignoresUnknown?: true;
}

/** An entry of a plan: a call to run, or one that has already ended (unknown tool, bad arguments, denied). */
export type PlanEntry =
  | { kind: 'run'; call: PlannedCall }
  | {
      kind: 'settled';
      index: number;
      id: string;
      tool: string;
      outcome: Outcome;
      server?: string;
      class?: ToolClass;
      reason?: string;
      /** Of a write that was sent before, by a process that is gone, and whose effect is not known: its keys are uncertain. */
      locks?: readonly Lock[];
    };

/**
 * What an open call has become: one call, or (`forEach`) one entry per element, in their order. Of an element's entry, `index` and
 * `after` count within these entries, and `needs` is empty.
 */
export type Prepared = PlanEntry | { kind: 'each'; entries: readonly PlanEntry[] };

/** Fills the references of an open call from what has ended; `outcomes` holds one per call of the batch, at its index. */
export type Prepare = (call: PlannedCall, outcomes: readonly (Outcome | undefined)[]) => Prepared;

/** A batch after planning: one entry per call, at its index. Nothing has been sent. */
export interface Plan {
  batchId: string;
  /** The principal whose batch it is: results are used again for its own calls alone. */
  owner?: string;
  entries: readonly PlanEntry[];
  /** Calls of this batch in flight at once, at least 1. */
  maxParallel: number;
  onError: 'continue' | 'stop';
  /** Wall time until the reply, counted from acceptance. */
  deadlineMs: number;
  warnings: readonly string[];
}
