import type { JournaledCall } from '../../core/journal.ts';
import type { CallError } from '../../core/outcome.ts';
import type { PlannedCall } from '../../core/plan.ts';
import type { CallRecorder } from '../../schedule/call-recorder.ts';
import type { Engine } from '../engine.ts';

// Of a batch of a thousand the first few say what there is to say.
const maxNamed = 5;

/** Has the journal hear of calls as they are sent and as they end, and the flow rule of what they read from. */
export interface Recording {
  recorder: CallRecorder;
  /** What the caller should know: which of its calls were sent without a record. */
  warnings(): string[];
}

/**
 * Write-ahead (scheduling.md §4): what may change something is sent once it stands in the journal. Where it cannot be written,
 * destructive calls are not sent, nor any under an idempotency key, and other writes go on with a warning (§4.10).
 */
export function recordCalls(
  { journal, flow, setup, telemetry }: Pick<Engine, 'journal' | 'flow' | 'setup' | 'telemetry'>,
  { principal, batchId, isKeyed = false }: { principal: string; batchId?: string; isKeyed?: boolean },
): Recording {
  const open = new WeakMap<PlannedCall, JournaledCall>();
  const unrecorded: string[] = [];
  let lastReason = '';
  const judge = ({ id, class: toolClass }: PlannedCall, reason: string | undefined): CallError | undefined => {
    if (reason === undefined) return undefined;
    // Under a key, what was sent without a record would be sent again after a crash.
    if (toolClass === 'destructive' || isKeyed) return refused({ isKeyed, reason });
    unrecorded.push(id);
    lastReason = reason;
    return undefined;
  };

  return {
    recorder: {
      sending(call) {
        if (setup().flow !== undefined) flow.record(principal, call);
        const { id, server, tool, class: toolClass, arguments: args } = call;
        const head = { callId: id, principal, server, tool, class: toolClass, arguments: args };
        const journaled = journal.begin(batchId === undefined ? head : { ...head, batchId });
        open.set(call, journaled);
        return journaled.written?.then((reason) => judge(call, reason));
      },
      settled(call, outcome) {
        telemetry?.callSettled(call, outcome);
        open.get(call)?.settle({ outcome });
      },
      late(call, { status, applied, result }) {
        const times = { attempts: 1, queuedMs: 0, runMs: 0, startedMs: 0 };
        const outcome = { status, applied, ...times, ...(result !== undefined && { result }) };
        open.get(call)?.settle({ outcome, isLate: true });
      },
    },
    warnings() {
      if (unrecorded.length === 0) return [];
      const more = unrecorded.length - maxNamed;
      const named = [...unrecorded.slice(0, maxNamed), ...(more > 0 ? [`${more} more`] : [])].join(', ');
      return [`${named} ran without a record, so that a crash would hide their effect: ${lastReason}`];
    },
  };
}

function refused({ isKeyed, reason }: { isKeyed: boolean; reason: string }): CallError {
  const what = isKeyed ? 'what may change something under an idempotencyKey' : 'a destructive call';
  const message = `not sent: ${what} is sent only once it stands in the journal, and that cannot be written: ${reason}`;
  return { code: 'internal', message, retryable: true };
}
