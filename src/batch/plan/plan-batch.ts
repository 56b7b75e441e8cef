import { settleUnsent } from '../../core/outcome.ts';
import type { CallError } from '../../core/outcome.ts';
import type { Plan, PlanEntry } from '../../core/plan.ts';
import { toolRuleOf } from '../../policy/policy-index.ts';
import type { BatchRequest, Refusal } from '../request/batch-request.ts';
import { pathLengths } from './path-lengths.ts';
import { predecessors } from './predecessors.ts';
import { resolveCall } from './resolve-call.ts';
import type { ResolvedCall, Surroundings } from './resolve-call.ts';

// Contract: a call in a batch has 2 minutes unless something more specific says otherwise.
const builtinTimeoutMs = 120_000;

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
  const resolved = request.calls.map((call) => resolveCall(call, surroundings));
  const notRead = resolved.filter(({ match }) => match !== undefined && match.class !== 'read');
  if (readOnly && notRead.length > 0) return refuseWrites(notRead, request);

  const calls = request.onError === 'stop' ? skipAfterFailure(resolved) : resolved;
  const after = orderCalls({ calls, servers, isSerial: request.parallel === 'avoid' });
  const lengths = pathLengths(after);
  const entries = calls.map((resolvedCall, index): PlanEntry =>
    toEntry({ resolvedCall, after: after[index] ?? [], pathLength: lengths[index] ?? 1, servers }),
  );
  const plan: Plan = {
    batchId,
    entries,
    maxParallel: request.parallel === 'avoid' ? 1 : request.maxParallel,
    onError: request.onError,
    deadlineMs: request.deadlineMs,
    warnings: resolved.flatMap(({ warning }) => warning ?? []),
  };
  return { ok: true, plan };
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

/** Under `onError: stop`, what stands after a call that cannot run does not start. What has failed of itself keeps its own reason. */
function skipAfterFailure(resolved: readonly ResolvedCall[]): ResolvedCall[] {
  const first = resolved.findIndex(({ error }) => error !== undefined);
  const by = resolved[first]?.call.id;
  if (by === undefined) return [...resolved];
  const message = `not started: ${by} failed before it, and onError is stop`;
  const error: CallError = { code: 'stopped_after_error', message, retryable: true, by };
  return resolved.map((call, index) => (index > first && call.error === undefined ? { ...call, error } : call));
}

/** The predecessors by conflict, and by order where a batch or a server runs one call at a time. */
function orderCalls(bag: {
  calls: readonly ResolvedCall[];
  servers: Surroundings['servers'];
  isSerial: boolean;
}): number[][] {
  const after = predecessors(bag.calls.map(({ match, error }) => (error === undefined ? match?.locks : undefined)));
  const lastOfLane = new Map<string, number>();
  return bag.calls.map(({ match, error }, index) => {
    const own = after[index] ?? [];
    if (match === undefined || error !== undefined) return own;
    const { server } = match.entry;
    // Servers have names, so the empty one is free for the lane of the whole batch.
    const lane = bag.isSerial ? '' : bag.servers.get(server)?.parallel === 'avoid' ? server : undefined;
    if (lane === undefined) return own;
    const previous = lastOfLane.get(lane);
    lastOfLane.set(lane, index);
    return previous === undefined ? own : [...new Set([...own, previous])].sort((a, b) => a - b);
  });
}

function toEntry(bag: {
  resolvedCall: ResolvedCall;
  after: readonly number[];
  pathLength: number;
  servers: Surroundings['servers'];
}): PlanEntry {
  const { call, match, error } = bag.resolvedCall;
  const { index, id } = call;
  if (error !== undefined) {
    const known = match && { server: match.entry.server, class: match.class, reason: match.reason };
    const tool = match?.entry.exposedName ?? call.tool;
    return { kind: 'settled', index, id, tool, outcome: settleUnsent(error), ...known };
  }
  const { server, tool, policy, exposedName } = match.entry;
  const ownLimitMs =
    toolRuleOf(policy, tool.name)?.timeoutMs ??
    bag.servers.get(server)?.timeoutMs ??
    policy.limits.timeoutMs ??
    builtinTimeoutMs;
  return {
    kind: 'run',
    call: {
      index,
      id,
      server,
      tool: tool.name,
      exposedName,
      arguments: call.arguments,
      class: match.class,
      reason: match.reason,
      locks: match.locks,
      after: bag.after,
      needs: [],
      pathLength: bag.pathLength,
      timeoutMs: Math.min(call.timeoutMs ?? ownLimitMs, ownLimitMs),
    },
  };
}
