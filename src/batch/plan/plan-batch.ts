import type { Plan } from '../../core/plan.ts';
import { callerAfter } from '../../policy/flow/caller-after.ts';
import type { BatchRequest, Refusal } from '../request/batch-request.ts';
import { arrangeCalls } from './order/arrange-calls.ts';
import type { ResolvedCall } from './order/judged-call.ts';
import { skipUnmet } from './order/skip-unmet.ts';
import { stopAfterFailure } from './order/stop-after-failure.ts';
import { resolveCall } from './resolve-call.ts';
import type { Surroundings } from './resolve-call.ts';

/**
 * Decides everything about a batch that can be known before it runs: which calls run, after which others, with what locks and time,
 * and how the rest have ended already. Refuses whole where `readOnly` (batch_read) meets a call that is more than a read.
 */
export function planBatch(
  bag: Omit<Surroundings, 'unavailable'> & {
    request: BatchRequest;
    readOnly: boolean;
    batchId: string;
    unavailable?: Surroundings['unavailable'];
  },
): { ok: true; plan: Plan } | Refusal {
  const { request, servers, readOnly, batchId } = bag;
  const surroundings = { ...bag, unavailable: bag.unavailable ?? (() => undefined) };
  const resolved = resolveCalls(request, surroundings);
  const notRead = resolved.filter(({ match }) => match !== undefined && match.class !== 'read');
  if (readOnly && notRead.length > 0) return refuseWrites(notRead, request);

  const calls = skipUnmet(request.onError === 'stop' ? stopAfterFailure(resolved) : resolved);
  const entries = arrangeCalls(calls, { servers, isSerial: request.parallel === 'avoid', pathBehind: 0 });
  const plan: Plan = {
    batchId,
    entries,
    maxParallel: request.parallel === 'avoid' ? 1 : request.maxParallel,
    onError: request.onError,
    deadlineMs: request.deadlineMs,
    warnings: [...request.warnings, ...resolved.flatMap(({ warning }) => warning ?? [])],
  };
  return { ok: true, plan };
}

/** Each call as it is after those before it: what they read decides what may be let out (reliability.md §4). */
function resolveCalls({ calls }: BatchRequest, surroundings: Surroundings): ResolvedCall[] {
  let caller = surroundings.caller?.();
  return calls.map((call) => {
    const resolved = resolveCall(call, { ...surroundings, caller });
    if (resolved.error === undefined) caller = callerAfter(caller, resolved.match.entry);
    return resolved;
  });
}

function refuseWrites(notRead: readonly ResolvedCall[], request: BatchRequest): Refusal {
  const problems = notRead.map(({ call, match }) => ({
    key: `calls[${call.index}]`,
    message: `${call.id} ${match?.entry.exposedName} is ${match?.class}: ${match?.reason}`,
  }));
  const message = `batch_read runs reads only, and ${notRead.length} of ${request.calls.length} calls are more; nothing was run; use batch_call`;
  return {
    ok: false,
    error: { code: 'denied_by_policy', message, retryable: false },
    problems,
    format: request.format,
  };
}
