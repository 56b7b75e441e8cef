import type { CallError } from '../../core/outcome.ts';
import type { PlannedCall } from '../../core/plan.ts';
import type { ClientRequest } from '../client-request.ts';
import type { Engine } from '../engine.ts';
import { createApprovals, type Approvals } from './create-approvals.ts';
import { isJsonObject } from '../../core/json.ts';
import { tracedApprover } from '../telemetry/traced-approver.ts';

/** A tool that changes again and again while its user thinks is asked about this often, and then left. */
const maxRounds = 3;

/** Has a person asked about a call that came by itself, where policy wants that. Its approval is used up then: it is to be sent, once. */
export async function approveAlone(
  engine: Engine,
  { call, request }: { call: PlannedCall; request: ClientRequest },
): Promise<{ ok: true; findChange: Approvals['findChange'] } | { ok: false; error: CallError }> {
  const { principal, keyScope, capabilities, era, signal, ask } = request;
  const {
    approver: untold,
    findChange,
    giveUp,
  } = createApprovals(engine, {
    owner: { principal, keyScope },
    capabilities,
    ask: (question, withdrawn) => ask(question, withdrawn),
  });
  const { _meta: meta } = request.params;
  const asked = { telemetry: engine.telemetry, meta: isJsonObject(meta) ? meta : undefined };
  const approver = tracedApprover(untold, asked);
  // Its client gives the call up after a minute, and would have neither the answer nor the way to one. A modern one is sent back meanwhile.
  const cancelTimer = era === 'legacy' ? engine.clock.after(engine.setup().settings.deadlineMs, giveUp) : () => {};
  try {
    for (let round = 1; round <= maxRounds; round++) {
      const [approval] = await approver.ask([call], signal);
      if (approval?.ok === false) return approval;
      if (approver.holds(call)) return { ok: true, findChange };
    }
  } finally {
    cancelTimer();
  }
  const message = `not run: it was approved ${maxRounds} times, and its tool had changed each time before it could be sent`;
  return { ok: false, error: { code: 'approval_unavailable', message, retryable: true } };
}
