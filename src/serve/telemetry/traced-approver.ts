import type { Approver } from '../../core/approval.ts';
import type { JsonObject } from '../../core/json.ts';
import type { PlannedCall } from '../../core/plan.ts';
import type { CallError } from '../../core/outcome.ts';
import type { Telemetry } from '../../core/telemetry.ts';

/** An approver whose questions are told of: each call's, until it has its answer. The same one where nobody is told anything. */
export function tracedApprover(
  approver: Approver,
  { telemetry, meta }: { telemetry: Telemetry | undefined; meta: JsonObject | undefined },
): Approver {
  if (telemetry === undefined) return approver;
  return {
    ...approver,
    ask(calls, signal, answered) {
      const asked = new Map<PlannedCall, (error: CallError | undefined) => void>();
      for (const call of calls) asked.set(call, telemetry.askApproval(call, meta));
      return approver.ask(calls, signal, (call, approval) => {
        asked.get(call)?.(approval.ok ? undefined : approval.error);
        answered?.(call, approval);
      });
    },
  };
}
