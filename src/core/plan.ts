import type { JsonObject } from './json.ts';
import type { Lock } from './lock.ts';
import type { Outcome } from './outcome.ts';
import type { ToolClass } from './tool.ts';

/** What decides whether calls of a batch may run side by side; `none` states no preference and leaves it to the next level. */
export type Parallel = 'prefer' | 'avoid' | 'none';

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
  /** Indices of the earlier calls of the batch that must have finished first. */
  after: readonly number[];
  /** Number of calls on the longest chain of successors, this call included. */
  pathLength: number;
  /** Counted from dispatch, not while the call waits. Absent: no limit of its own. */
  timeoutMs?: number;
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
    };

/** A batch after planning: one entry per call, at its index. Nothing has been sent. */
export interface Plan {
  batchId: string;
  entries: readonly PlanEntry[];
  /** Calls of this batch in flight at once, at least 1. */
  maxParallel: number;
  onError: 'continue' | 'stop';
  /** Wall time until the reply, counted from acceptance. */
  deadlineMs: number;
  warnings: readonly string[];
}
