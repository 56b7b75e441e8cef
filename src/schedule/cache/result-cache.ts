import type { Clock } from '../../core/clock.ts';
import { canonicalJson, isTooDeep, type JsonObject } from '../../core/json.ts';
import { modesConflict, touchedLocks, type Lock, type LockMode } from '../../core/lock.ts';
import type { Outcome } from '../../core/outcome.ts';
import type { PlannedCall } from '../../core/plan.ts';
import { countChars } from './count-chars.ts';
import { createDoubts } from './doubts.ts';
import { createLockIndex } from '../locks/lock-index.ts';

/** What is kept in all, and of one result. Characters of text, so up to twice as many bytes. */
const maxResults = 1_000;
const maxChars = 32 * 1024 * 1024;
const maxResultChars = 1024 * 1024;

/** A dispatched call that concerns the cache. */
export interface WatchedCall {
  settled(outcome: Outcome): void;
  /** Its locks are about to be given back; calls after the first do nothing. */
  over(): void;
}

/**
 * Results of reads, for identical ones that come soon after. A write drops what it conflicts with when it is dispatched and again
 * when it is over, and a read that ran beside one is not kept, so a result is never older than the last conflicting write that
 * passed through here. Results are those of one principal, `owner`, and are never handed to another. They are shared by its calls:
 * nobody may change one.
 */
export interface ResultCache {
  /** The result of an identical read that is not older than the call allows. To be asked while the call holds its locks. */
  find(call: PlannedCall, owner?: string): JsonObject | undefined;
  /** To be told of every call at its dispatch. Nothing comes back where the cache has no further interest in the call. */
  watch(call: PlannedCall, owner?: string): WatchedCall | undefined;
  /** Drops all results of a server, those on their way included. */
  forget(server: string): void;
}

/** A result, or a read in flight that will give one. */
interface Kept {
  key: string;
  server: string;
  locks: readonly Lock[];
  /** The age counts from the dispatch: the value may be as old as that. */
  askedMs: number;
  result?: JsonObject;
  chars: number;
}

export function createResultCache(clock: Clock): ResultCache {
  const results = new Map<string, Kept>();
  const inFlight = new Set<Kept>();
  const index = createLockIndex<Kept>();
  const writes = new Set<readonly Lock[]>();
  const doubts = createDoubts(clock);
  let chars = 0;

  const drop = (kept: Kept): void => {
    index.remove(kept.locks, kept);
    inFlight.delete(kept);
    if (results.get(kept.key) !== kept) return;
    results.delete(kept.key);
    chars -= kept.chars;
  };

  const dropConflicting = (locks: readonly Lock[]): void => {
    if (inFlight.size === 0 && results.size === 0) return;
    for (const kept of index.conflicting(touchedLocks(locks))) drop(kept);
  };

  const watchWrite = ({ locks }: PlannedCall): WatchedCall | undefined => {
    if (locks.length === 0) return undefined;
    // A list of its own: two calls may share theirs.
    const own = [...locks];
    let isDoubtful = false;
    writes.add(own);
    dropConflicting(own);
    return {
      settled(outcome) {
        isDoubtful = !isEndLearnt(outcome);
      },
      over() {
        if (!writes.delete(own)) return;
        dropConflicting(own);
        if (isDoubtful) doubts.add(touchedLocks(own));
      },
    };
  };

  const watchRead = (call: PlannedCall, owner: string | undefined): WatchedCall | undefined => {
    const key = keyOf(call, owner);
    if (key === undefined) return undefined;
    const locks = touchedLocks(call.locks);
    if (anyConflicts(locks, writes) || anyConflicts(locks, doubts.now())) return undefined;
    const kept: Kept = { key, server: call.server, locks, askedMs: clock.now(), chars: 0 };
    inFlight.add(kept);
    index.add(locks, kept);
    return {
      settled({ status, result }) {
        if (inFlight.delete(kept) && status === 'ok' && result !== undefined && isWhole(result)) keep(kept, result);
        else drop(kept);
      },
      over() {},
    };
  };

  const keep = (kept: Kept, result: JsonObject): void => {
    const size = countChars(result, maxResultChars) + kept.key.length;
    const other = results.get(kept.key);
    const isYounger = other === undefined || other.askedMs <= kept.askedMs;
    if (size > maxResultChars || !isYounger) return drop(kept);
    if (other !== undefined) drop(other);
    kept.result = result;
    kept.chars = size;
    chars += size;
    results.set(kept.key, kept);
    for (const oldest of results.values()) {
      if (results.size <= maxResults && chars <= maxChars) break;
      drop(oldest);
    }
  };

  return {
    find(call, owner) {
      if (call.cacheMs === undefined || call.class !== 'read' || results.size === 0) return undefined;
      const key = keyOf(call, owner);
      const kept = key === undefined ? undefined : results.get(key);
      if (kept === undefined || clock.now() - kept.askedMs > call.cacheMs) return undefined;
      // A map keeps the order of arrival, so the one that was used last stands last.
      results.delete(kept.key);
      results.set(kept.key, kept);
      return kept.result;
    },
    watch(call, owner) {
      if (call.class !== 'read') return watchWrite(call);
      return call.cacheMs === undefined ? undefined : watchRead(call, owner);
    },
    forget(server) {
      for (const kept of [...results.values(), ...inFlight]) if (kept.server === server) drop(kept);
    },
  };
}

/** Whether the server has said how the call ended. Where it has not, a write may still be at work. */
function isEndLearnt({ applied, status, error }: Outcome): boolean {
  return applied !== 'unknown' || status === 'tool_error' || error?.rpc !== undefined;
}

/** A server may answer with a question first, or with a task that it has begun: that is no result to be used again. */
function isWhole(result: JsonObject): boolean {
  if (result['content'] === undefined && result['structuredContent'] === undefined) return false;
  return result['resultType'] === undefined || result['resultType'] === 'complete';
}

function anyConflicts(locks: readonly Lock[], others: Iterable<readonly Lock[]>): boolean {
  const modeOf = new Map<string, LockMode>(locks.map(({ node, mode }) => [node, mode]));
  for (const other of others) {
    for (const { node, mode } of touchedLocks(other)) {
      const own = modeOf.get(node);
      if (own !== undefined && modesConflict(own, mode)) return true;
    }
  }
  return false;
}

function keyOf({ server, tool, arguments: args }: PlannedCall, owner = ''): string | undefined {
  return isTooDeep(args) ? undefined : JSON.stringify([owner, server, tool, canonicalJson(args)]);
}
