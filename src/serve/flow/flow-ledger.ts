import type { Clock } from '../../core/clock.ts';
import type { PlannedCall } from '../../core/plan.ts';
import { touchedBy, type Touched } from '../../core/verdict.ts';

// After so long without a call, nobody goes on with what was read.
const keptMs = 12 * 60 * 60_000;
// More than there can be sessions. Of each there are two names at most.
const maxPrincipals = 10_000;

/** What each principal has read from, for the flow rule (reliability.md §4). */
export interface FlowLedger {
  /** What has been read on behalf of this principal. */
  touched(principal: string): Touched;
  /** The call is about to be sent, or its result is about to be handed out, on behalf of this principal. */
  record(principal: string, call: Pick<PlannedCall, 'exposedName' | 'marks'>): void;
  /** A client of this name has come, a session if `isSession`; returns what is to be called when it goes. */
  join(client: { id: string; isSession: boolean }): () => void;
}

interface Entry {
  touched: Touched;
  /** When it was last looked at or added to. */
  lastMs: number;
}

/**
 * Keeps what was read until its session has gone; where there are no sessions, until 12 h after the last call. Where there are more
 * principals than it can keep apart, what the oldest have read counts for everybody: whoever is forgotten is never thought to be clean.
 */
export function createFlowLedger(clock: Clock): FlowLedger {
  /** In the order of their last calls. */
  const entries = new Map<string, Entry>();
  const joined = new Map<string, number>();
  let ofAll: Entry = { touched: {}, lastMs: 0 };

  const find = (principal: string): Touched => {
    const entry = entries.get(principal);
    entries.delete(principal);
    if (entry === undefined || isOver(entry)) return {};
    entries.set(principal, { ...entry, lastMs: clock.now() });
    return entry.touched;
  };
  const isOver = ({ lastMs }: Entry): boolean => clock.now() - lastMs >= keptMs;

  const makeRoom = (): void => {
    for (const [principal, entry] of entries) {
      if (entries.size <= maxPrincipals && !isOver(entry)) return;
      entries.delete(principal);
      if (!isOver(entry))
        ofAll = { touched: join(isOver(ofAll) ? {} : ofAll.touched, entry.touched), lastMs: clock.now() };
    }
  };

  return {
    touched(principal) {
      const own = find(principal);
      return isOver(ofAll) ? own : join(own, ofAll.touched);
    },
    record(principal, call) {
      const before = find(principal);
      const after = touchedBy(before, call);
      if (after === before) return;
      entries.set(principal, { touched: after, lastMs: clock.now() });
      makeRoom();
    },
    join({ id, isSession }) {
      if (!isSession) return () => {};
      joined.set(id, (joined.get(id) ?? 0) + 1);
      let hasLeft = false;
      return () => {
        if (hasLeft) return;
        hasLeft = true;
        const left = (joined.get(id) ?? 1) - 1;
        joined.set(id, left);
        if (left > 0) return;
        joined.delete(id);
        entries.delete(id);
      };
    },
  };
}

function join(touched: Touched, others: Touched): Touched {
  return { ...others, ...touched };
}
