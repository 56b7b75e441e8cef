import type { LateEnd } from '../../core/outcome.ts';

/** What was learnt of a call, of this batch or an earlier one, after it had been settled with an unknown effect. */
export interface LearntLate extends Pick<LateEnd, 'id' | 'status' | 'applied'> {
  batchId: string;
}

// Each is a line that a model reads; the structured form has all of them.
const maxLines = 20;

/**
 * `late: c1 ok after all, applied: yes`, a line each. Of another batch than the one that the reply `shows` it says which; and where the
 * reply does not show the answer, how it is read.
 */
export function renderLate(
  learnt: readonly LearntLate[],
  { batchId: own, shows }: { batchId: string; shows: boolean },
): string[] {
  const lines = learnt.slice(0, maxLines).map(({ batchId, id, status, applied }) => {
    const call = batchId === own ? id : `${id} of batch ${batchId}`;
    const again = batchId === own && shows ? '' : `; batch_await batchId ${batchId} id ${id} shows its answer`;
    return `late: ${call} ${status} after all, applied: ${applied}${again}`;
  });
  const more = learnt.length - maxLines;
  return more > 0 ? [...lines, `and ${more} more that ended late`] : lines;
}
