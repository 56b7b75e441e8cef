import { renderLock } from '../../core/lock.ts';
import type { Lock } from '../../core/lock.ts';
import type { CallError, Status } from '../../core/outcome.ts';
import type { Plan, PlanEntry, PlannedCall } from '../../core/plan.ts';
import type { ToolClass } from '../../core/tool.ts';
import { cutMiddle } from '../budget/cut-middle.ts';
import { fairShares } from '../budget/fair-shares.ts';
import { whyAfter } from './why-after.ts';

/** What would become of one call, were the plan run. */
export interface PlanRow {
  id: string;
  index: number;
  server?: string;
  /** The exposed name, or what the caller wrote where that names nothing. */
  tool: string;
  class?: ToolClass;
  reason?: string;
  /** What it touches; what lies above is left out, since it is only marked as having something locked below it. */
  locks: readonly Lock[];
  /** Earlier calls that it waits for, each with why. Of very many the nearest. */
  after: readonly { id: string; why: string }[];
  /** How many calls it waits for. */
  afterCount: number;
  /** `open`: only if its arguments, once known, leave it what it seems to be now. */
  approval: 'none' | 'open' | 'needed';
  /** Why it needs approval, where that is known. */
  approvalReason?: string;
  /** 1: it could start at once; else one more than the highest step of `after`; 0: it does not run. */
  step: number;
  /** It is decided again once its references are filled, or its elements found. */
  isOpen: boolean;
  /** Id of the identical call that is sent in its stead. */
  sameAs?: string;
  /** How it has ended already. */
  ended?: { status: Status; error: CallError };
}

/**
 * One row per call, at its index.
 * @param maxWaits of all `after` together, what is listed: calls that wait for hundreds of others could fill megabytes
 */
export function toPlanRows({ entries }: Plan, maxWaits: number): PlanRow[] {
  const waits = entries.map((entry) => (entry.kind === 'run' ? waitsOf(entry.call) : []));
  const shares = fairShares(
    waits.map(({ length }) => length),
    maxWaits,
  );
  const steps: number[] = [];
  return entries.map((entry, index) => {
    const row = toRow({ entry, waits: waits[index] ?? [], share: Math.max(1, shares[index] ?? 0), steps, entries });
    steps.push(row.step);
    return row;
  });
}

/** Conflicts and dependencies, each call once, in their order. */
function waitsOf({ after, needs }: PlannedCall): readonly number[] {
  if (after.length === 0 && needs.length === 0) return [];
  return [...new Set([...after, ...needs.map(({ index }) => index)])].sort((a, b) => a - b);
}

function toRow(bag: {
  entry: PlanEntry;
  waits: readonly number[];
  share: number;
  steps: readonly number[];
  entries: readonly PlanEntry[];
}): PlanRow {
  const { entry, waits, share, steps, entries } = bag;
  if (entry.kind === 'settled') {
    const { id, index, tool, server, class: toolClass, reason, outcome } = entry;
    const { status, error } = outcome;
    return {
      id,
      index,
      ...(server !== undefined && { server }),
      tool,
      ...(toolClass !== undefined && { class: toolClass }),
      ...(reason !== undefined && { reason }),
      locks: [],
      after: [],
      afterCount: 0,
      approval: 'none',
      step: 0,
      isOpen: false,
      ...(error !== undefined && { ended: { status, error } }),
    };
  }
  const { call } = entry;
  const after = waits.slice(-share).flatMap((index) => {
    const earlier = entries[index];
    return earlier === undefined ? [] : [{ id: idOf(earlier), why: whyAfter(call, earlier) }];
  });
  const twin = entries[call.sameAs ?? -1];
  return {
    id: call.id,
    index: call.index,
    server: call.server,
    tool: call.exposedName,
    class: call.class,
    reason: call.reason,
    locks: heldLocks(call.locks),
    after,
    afterCount: waits.length,
    ...approvalOf(call),
    step: 1 + waits.reduce((highest, index) => Math.max(highest, steps[index] ?? 0), 0),
    isOpen: call.isOpen === true,
    ...(twin !== undefined && { sameAs: idOf(twin) }),
  };
}

function approvalOf({ approval, mayAsk }: PlannedCall): Pick<PlanRow, 'approval' | 'approvalReason'> {
  if (approval !== undefined) return { approval: 'needed', approvalReason: approval.reason };
  return { approval: mayAsk === true ? 'open' : 'none' };
}

function idOf(entry: PlanEntry): string {
  return entry.kind === 'run' ? entry.call.id : entry.id;
}

/** What is locked itself; where that is nothing, the intentions with nothing below them, which stand for all that lies there. */
function heldLocks(locks: readonly Lock[]): readonly Lock[] {
  const held = locks.filter(({ mode }) => mode === 'S' || mode === 'X');
  if (held.length > 0) return held;
  return locks.filter(({ node }) => !locks.some((other) => other.node !== node && isBelow(other.node, node)));
}

function isBelow(node: string, above: string): boolean {
  return above === '' || node.startsWith(`${above}/`);
}

/** Characters of one lock. */
export const maxLockChars = 200;

/** Locks as people read them, the first few of very many. A long path is cut in its middle. */
export function renderLocks(locks: readonly Lock[], most: number): string[] {
  const shown = locks.slice(0, most).map((lock) => cutMiddle(renderLock(lock), maxLockChars));
  return locks.length > most ? [...shown, `and ${locks.length - most} more`] : shown;
}
