import type { LoggedCall } from '../../core/journal.ts';
import type { RepliedCall } from '../reply/replied-call.ts';

/**
 * The calls of a batch as its journal has them, in the form in which replies have them: for a batch that left no report. A call that has
 * no end is drawn until `untilMs`, in milliseconds since the epoch as `acceptedAt` is. Calls that were never sent are not among them.
 */
export function toRepliedCalls(
  calls: readonly LoggedCall[],
  span: { acceptedAt: number; untilMs: number },
): RepliedCall[] {
  const wholes: RepliedCall[] = [];
  const elementsOf = new Map<string, RepliedCall[]>();
  for (const call of calls) {
    const replied = toRepliedCall(call, span);
    const [, whole] = /^(.+)\[\d+\]$/.exec(call.callId) ?? [];
    const siblings = elementsOf.get(whole ?? '');
    if (whole === undefined) {
      wholes.push(replied);
    } else if (siblings === undefined) {
      const items = [replied];
      elementsOf.set(whole, items);
      wholes.push({ ...replied, id: whole, items });
    } else {
      siblings.push(replied);
    }
  }
  return wholes.map((call) => (call.items === undefined ? call : sumUp(call, call.items)));
}

function toRepliedCall(
  call: LoggedCall,
  { acceptedAt, untilMs }: { acceptedAt: number; untilMs: number },
): RepliedCall {
  const { callId, server, tool, class: toolClass, status, applied, attempts, startedAt, code, message = '' } = call;
  const startedMs = Math.max(0, startedAt - acceptedAt);
  const hasEnd = status !== 'running' && status !== 'interrupted';
  const lastedMs = Math.max(0, ((hasEnd ? call.endedAt : undefined) ?? untilMs) - startedAt);
  return {
    id: callId,
    tool: `${server}__${tool}`,
    server,
    class: toolClass,
    status,
    applied,
    // What is in the journal was sent, though how often is known only at the end.
    attempts: Math.max(1, attempts),
    startedMs,
    queuedMs: startedMs,
    runMs: hasEnd ? (call.runMs ?? lastedMs) : lastedMs,
    waitedFor: [],
    ...(code !== undefined && { error: { code, message } }),
  };
}

/** A call for each element is recorded element by element; as a whole it stands as the first of them that did not succeed. */
function sumUp({ error: _ofFirst, ...call }: RepliedCall, items: readonly RepliedCall[]): RepliedCall {
  const open = (['interrupted', 'running'] as const).find((status) => items.some((item) => item.status === status));
  const bad = items.find((item) => item.status !== 'ok');
  const applied = ['unknown', 'yes'].find((known) => items.some((item) => item.applied === known)) ?? 'no';
  const startedMs = Math.min(...items.map((item) => item.startedMs));
  const endMs = Math.max(...items.map((item) => item.startedMs + item.runMs));
  return {
    ...call,
    status: open ?? bad?.status ?? 'ok',
    applied,
    startedMs,
    queuedMs: startedMs,
    runMs: endMs - startedMs,
  };
}
