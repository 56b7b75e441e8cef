import type { GanttReport } from '../render/gantt.ts';
import type { RepliedCall } from '../reply/replied-call.ts';

/** What a picture of a batch is drawn from. Nothing of what was sent or answered, so it may be shown to anybody who may see the names. */
export interface PicturedBatch {
  batchId: string;
  calls: readonly PicturedCall[];
  timing: GanttReport['timing'];
  /** How many calls it had, where some have left no trace. */
  total?: number;
}

/** One call, and the calls for its elements. Times are milliseconds, `startedMs` from the start of the batch. */
export type PicturedCall = Pick<
  RepliedCall,
  | 'id'
  | 'tool'
  | 'class'
  | 'status'
  | 'attempts'
  | 'startedMs'
  | 'queuedMs'
  | 'runMs'
  | 'waitedFor'
  | 'deduplicatedOf'
  | 'cached'
> & { items?: readonly PicturedCall[]; error?: { code: string } };
