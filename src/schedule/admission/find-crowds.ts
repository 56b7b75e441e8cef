import type { Plan } from '../../core/plan.ts';
import type { ReadyQueue } from '../slots/ready-queue.ts';
import type { SlotBook, SlotNeed } from '../slots/slot-book.ts';
import type { Crowd } from './decide-admission.ts';

/** What stands between the calls of a plan and their slots: one list for its reads and one for its writes of each server. */
export function findCrowds(
  { entries }: Plan,
  { book, queue, nowMs }: { book: SlotBook; queue: ReadyQueue; nowMs: number },
): Crowd[][] {
  const needs = entries.flatMap((entry): SlotNeed[] => {
    if (entry.kind !== 'run' || entry.call.sameAs !== undefined) return [];
    const { server, class: toolClass } = entry.call;
    return [{ server, isWrite: toolClass !== 'read', process: true }];
  });
  const kinds = new Map(needs.map((need) => [`${need.isWrite ? 'w' : 'r'} ${need.server}`, need]));
  return [...kinds.values()].map((kind) =>
    book.takenUp(kind).map(({ where, uses, endRate }) => {
      // Of a batch that has more calls left, no more than this one has go first.
      const ahead = queue.ahead(uses, needs.filter(uses).length);
      return { where, ahead, endsPerSecond: endRate.perSecond(nowMs) };
    }),
  );
}
