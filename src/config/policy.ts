import type { Place } from '../core/place.ts';
import type { JsonValue } from '../core/json.ts';
import type { Rate } from '../core/clock.ts';
import type { Remembrance } from '../core/approval.ts';
import type { ToolClass } from '../core/tool.ts';
import type { CallRoute, FlowMark } from '../core/verdict.ts';

/** One glob of one list of a policy: `*` is any characters, `?` one; the whole tool name, case-sensitive. */
export interface Rule {
  list: ToolClass | 'deny' | 'ask' | 'allow' | FlowMark;
  pattern: string;
  place: Place;
}

/** A lock that a tool takes, named by the argument that holds the resource's name. An array argument gives one key per element. */
export interface LockRule {
  /** Name of the argument; dots reach into objects (`target.path`). */
  arg: string;
  type: 'path' | 'url' | 'id';
  /** Absent: the call's class decides (a read shares, anything else excludes). */
  mode?: 'read' | 'write';
}

/** A case of `when`: holds if each named argument equals one of its values. */
export interface WhenRule {
  args: Readonly<Record<string, readonly JsonValue[]>>;
  class: ToolClass;
  place: Place;
}

/** What policy says of one tool by its exact name. */
export interface ToolRule {
  tool: string;
  place: Place;
  class?: ToolClass;
  when: readonly WhenRule[];
  /** Absent: the whole domain. `'none'`: nothing (a clock, pure computation). */
  locks?: readonly LockRule[] | 'none';
  timeoutMs?: number;
  /** Sending the call twice does no more than sending it once: it may be sent again where a read may. */
  idempotent?: boolean;
  /** What becomes of this tool's call where an earlier write of the same key ended without anybody learning whether it took effect. */
  afterUnknown?: 'skip' | 'run';
  /** Alone in the whole process: excludes every other call while it runs. Takes the place of any other lock. */
  barrier?: boolean;
  /** How long a result of this tool may be used again, where the call is a read; `'none'`: never. Absent: what the policy says. */
  cacheMs?: number | 'none';
  /** Exact texts of an answer that mean that there is nothing, and so no lines. */
  empty?: readonly string[];
  /** How far a yes for this tool may be remembered. Absent: what the policy says. */
  remember?: Remembrance;
}

/** One server's policy in its normal form. */
export interface Policy {
  /** Absolute path, or `builtin:NAME`, or absent where the server has no policy. */
  file?: string;
  /** What its rules were held against: a version's own tools, or its documentation. Absent: nobody says. */
  proven?: { tools?: string; documentation?: string; date: string };
  annotations: 'trust' | 'tighten' | 'ignore';
  unannotated: 'write' | 'destructive';
  rules: readonly Rule[];
  tools: readonly ToolRule[];
  limits: { maxParallel?: number; maxParallelWrites?: number; timeoutMs?: number; rate?: Rate; retries?: number };
  /** Whether a read that timed out, and any other call that may be sent twice, is sent again. */
  retryTimeouts: boolean;
  /** How long results of reads may be used again for identical calls. Absent: not at all, but for tools that say otherwise. */
  cacheMs?: number;
  /** How far a yes may be remembered. */
  remember: Remembrance;
  /** What is done with a destructive call that no rule decides, by the way it came; of the whole configuration. */
  unruled: Readonly<Record<CallRoute, 'allow' | 'ask' | 'deny'>>;
  /** First segment of every lock key; servers with the same domain share one lock space. */
  domain: string;
  /** What a relative path in an argument is relative to. */
  base: string;
  /** Whether paths that differ in letter case only are the same file. */
  foldCase: boolean;
}
