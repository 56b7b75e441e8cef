import type { BatchConfig } from '../../config/config.ts';
import type { JsonObject } from '../../core/json.ts';
import type { CallError } from '../../core/outcome.ts';
import type { Dependency } from '../../core/plan.ts';
import type { Problem } from '../../core/place.ts';
import type { Reference, Selection } from '../references/reference.ts';

/** One entry of `calls`, read leniently into one form. Nothing has been looked up yet. */
export interface CallRequest {
  /** Position in the batch, from 0. */
  index: number;
  /** Unique in the batch: the one given, or `c0`, `c1`, … */
  id: string;
  /** The tool's name as the caller wrote it; empty where none was given, and then there is a `problem`. */
  tool: string;
  /** Ready to be sent; as written where the call `isOpen`. */
  arguments: JsonObject;
  /** References are still to be filled, or elements to be found, when earlier calls have ended. */
  isOpen: boolean;
  /** JSON Pointers of the places in `arguments` whose value is not known yet. */
  holes: readonly string[];
  /** The call runs once per element of what this finds. */
  forEach?: Reference;
  /** By `dependsOn` and by references, at most one entry for each earlier call, in their order. */
  needs: readonly Dependency[];
  /** May only shorten what configuration and policy say. */
  timeoutMs?: number;
  /** Characters of this call's result in the reply: the smallest of the call's, the batch's and the configuration's. */
  maxChars: number;
  /** The limit that the call itself set, which under `forEach` all its elements share; any other holds for each of them. */
  ownMaxChars?: number;
  /** What the reply is to carry of the result; absent: all of it. */
  select?: readonly Selection[];
  /** Why this call cannot run, whatever the catalogue says. Its neighbours still do. */
  problem?: CallError;
}

/** A batch as asked for, with every limit of the configuration already applied. */
export interface BatchRequest {
  /** One per element of `calls`, at its index. */
  calls: readonly CallRequest[];
  parallel: 'prefer' | 'avoid';
  /** `plan`: nothing is sent; the reply says what would run when, and why. */
  mode: 'run' | 'plan';
  /** The most elements that all `forEach` calls of the batch may have together. */
  maxElements: number;
  maxParallel: number;
  onError: 'continue' | 'stop';
  deadlineMs: number;
  /** Under which the client may send the batch again without its being run again (scheduling.md §4.9). */
  idempotencyKey?: string;
  format: BatchConfig['format'];
  /** What may not have been meant as it is written, each with the id of its call. */
  warnings: readonly string[];
}

/** A batch refused whole, before anything ran. `problems` holds every one of them; `format` is the form that the reply should have. */
export interface Refusal {
  ok: false;
  error: CallError;
  problems: readonly Problem[];
  format: BatchConfig['format'];
}
