import { isTooDeep, maxDepth, type JsonObject } from '../../core/json.ts';
import type { SendResult } from '../../core/outcome.ts';
import type { Send } from '../../schedule/call/send.ts';
import type { Engine } from '../engine.ts';
import { createBatchQuestions } from '../questions/batch-questions.ts';
import type { PassedOn } from '../questions/sending/satisfy-server.ts';
import { sendCall } from '../questions/sending/send-call.ts';
import type { BatchInput } from './batch-input.ts';
import type { ClientVoice } from './client-voice.ts';
import type { PlannedCall } from '../../core/plan.ts';
import type { PlannedSending } from '../../core/telemetry.ts';

/** Sends the calls of one batch, which share its client's attention. */
export function sendCalls(
  engine: Engine,
  {
    era = 'legacy',
    meta,
    logLevel,
    voice,
    describe,
  }: Pick<BatchInput, 'era' | 'meta' | 'logLevel'> & {
    voice: ClientVoice;
    /** What the plan said of a call. Absent: nobody is told. */
    describe?: ((call: PlannedCall) => PlannedSending) | undefined;
  },
): Send {
  const { ask, onNotice } = voice;
  const questions = createBatchQuestions({ ask, era, clock: engine.clock });
  return (call, signal, { setWaiting, setAsking }) => {
    const { server, tool, arguments: args } = call;
    const asking = questions.join({ server, setAsking });
    const params: JsonObject = { arguments: args, ...(meta !== undefined && { _meta: meta }) };
    const planned = describe?.(call);
    const request = { tool, params, signal, logLevel, ask: asking.ask, onNotice, setWaiting, planned };
    return sendCall(engine, { server, request, client: era, passesOn }).then(refuseTooDeep).finally(asking.leave);
  };
}

/** The client has asked for a batch: what is one call's alone has no place in the reply. */
const passesOn: PassedOn = { inputRequired: false, urlRequired: false };

/** A result that cannot be written would take the results of all its neighbours with it. */
function refuseTooDeep(answer: SendResult): SendResult {
  if (!answer.ok || !isTooDeep(answer.result)) return answer;
  const message = `the result is nested deeper than ${maxDepth} levels and cannot be passed on`;
  return { ok: false, sent: true, error: { code: 'upstream_error', message, retryable: false } };
}
