import type { Outcome } from '../../core/outcome.ts';
import type { Dependency, PlanEntry, PlannedCall } from '../../core/plan.ts';
import type { ToolClass } from '../../core/tool.ts';
import type { RunningCall } from '../call/admission.ts';

/** A call of a batch, or an element of one, on its way from planned to gone. */
export interface BatchEntry {
  /** Where its outcome goes: the index in the batch, or among the elements of its parent. */
  index: number;
  id: string;
  /** Absent for what had ended at planning. */
  call?: PlannedCall;
  /** The `forEach` call that this is an element of. */
  parent?: BatchEntry;
  /** Present from the moment in which a `forEach` call knows its elements. */
  elements?: readonly BatchEntry[];
  unsettledElements: number;
  presentElements: number;
  /** Conflicting calls before it that are not gone yet. */
  locksAwaited: number;
  /** Calls it depends on that have not settled yet. */
  endsAwaited: number;
  /** Who waits until this one is gone, and who until it has settled. */
  successors: BatchEntry[];
  dependents: { entry: BatchEntry; when: Dependency['when'] }[];
  /** Identical reads, which end as this one, their leader, does. */
  followers: BatchEntry[];
  leader?: BatchEntry;
  /** What the call turned out to be; known at once unless it is open. */
  decided?: NonNullable<Outcome['decided']>;
  /** Present from the moment in which it is known that a person has to say yes to it; how often they were asked. */
  approval?: { state: 'gathered' | 'asked' | 'given'; rounds: number };
  outcome?: Outcome;
  withdraw?: () => void;
  running?: RunningCall;
  /** It has been given to the dispatcher, or had its elements found. */
  isBegun: boolean;
  /** Nothing of it can take effect any more, and nothing that it waited for. */
  isGone: boolean;
  /** Its client has cancelled it by its id, or elements of it: that is no failure at which the rest stops. */
  isCalledOff: boolean;
}

/** The entries of a plan, or of a `forEach` call's elements, each knowing who waits for it. */
export function linkEntries(planned: readonly PlanEntry[], parent?: BatchEntry): BatchEntry[] {
  const entries = planned.map((plan, index): BatchEntry => {
    const own = plan.kind === 'run' ? plan.call : plan;
    return {
      index,
      id: own.id,
      ...(plan.kind === 'run' && { call: plan.call }),
      ...(parent !== undefined && { parent }),
      // An element is never as planned: until its call was prepared, nobody knew of it.
      ...(parent !== undefined && decidedOf(own)),
      unsettledElements: 0,
      presentElements: 0,
      locksAwaited: 0,
      endsAwaited: 0,
      successors: [],
      dependents: [],
      followers: [],
      isBegun: false,
      isGone: plan.kind === 'settled',
      isCalledOff: false,
    };
  });
  for (const entry of entries) {
    if (entry.call === undefined) continue;
    const { after, needs, sameAs } = entry.call;
    for (const index of after) {
      const earlier = entries[index];
      if (earlier === undefined || earlier.isGone) continue;
      earlier.successors.push(entry);
      entry.locksAwaited++;
    }
    for (const { index, when } of needs) {
      entries[index]?.dependents.push({ entry, when });
      entry.endsAwaited++;
    }
    const leader = sameAs === undefined ? undefined : entries[sameAs];
    if (leader === undefined) continue;
    entry.leader = leader;
    leader.followers.push(entry);
  }
  return entries;
}

/** Its place in the batch as a number; an element stands between its call and the next. */
export function rankOf({ index, parent }: BatchEntry): number {
  return parent?.elements === undefined ? index : parent.index + index / parent.elements.length;
}

/**
 * Lets the identical reads that wait for this one have another leader among themselves, which is sent in their stead. Returns it;
 * nothing where none waits.
 */
export function passLead(leader: BatchEntry): BatchEntry | undefined {
  const [heir, ...rest] = leader.followers.filter(({ outcome }) => outcome === undefined);
  leader.followers = [];
  if (heir === undefined) return undefined;
  const { sameAs: _, ...call } = heir.call!;
  heir.call = call;
  delete heir.leader;
  heir.followers = rest;
  for (const follower of rest) follower.leader = heir;
  return heir;
}

/** Whether nothing has been sent for the call, or by another in its stead. */
export function hasNotStarted({ outcome, running, elements, leader }: BatchEntry): boolean {
  return outcome === undefined && running === undefined && elements === undefined && leader?.running === undefined;
}

/** What an outcome says its call was, where the plan could not; nothing for one of which nothing is known. */
export function decidedOf({ class: toolClass, reason }: { class?: ToolClass; reason?: string }): {
  decided?: NonNullable<Outcome['decided']>;
} {
  return toolClass === undefined ? {} : { decided: { class: toolClass, reason: reason ?? '' } };
}
