import { ProtocolError } from '@modelcontextprotocol/server';
import type { CatalogEntry } from '../catalog/build-catalog.ts';
import { planPassthrough } from '../batch/plan/plan-passthrough.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { CallError, Outcome } from '../core/outcome.ts';
import type { PlannedCall } from '../core/plan.ts';
import { approveAlone } from './approvals/approve-alone.ts';
import { refuseChanged } from './approvals/refuse-changed.ts';
import { recordCalls } from './batch/record-calls.ts';
import type { Engine } from './engine.ts';
import type { ClientRequest } from './client-request.ts';
import { callerOf } from './flow/caller-of.ts';
import { toContext } from './features/to-context.ts';
import { countQuestions } from './questions/count-questions.ts';
import { eraOf } from './questions/sending/era-of.ts';
import { passedOnTo } from './questions/sending/satisfy-server.ts';
import { sendCall } from './questions/sending/send-call.ts';
import { toLegacyResult } from './questions/sending/to-legacy-result.ts';

/** Trace context of the W3C, which MCP carries in `_meta`. */
export const traceKeys: ReadonlySet<string> = new Set(['traceparent', 'tracestate', 'baggage']);

/**
 * Calls one tool for a client, as if we were not there: arguments, `_meta`, progress, log messages, questions, cancellation, result
 * and error pass unchanged, but for what one era has and the other has not. Policy, locks and limits hold all the same; what they
 * refuse is a result with `isError`.
 * @throws ProtocolError with the upstream's own code, message and data where it answered with an error
 */
export async function callPassthrough(
  engine: Engine,
  entry: CatalogEntry,
  request: ClientRequest,
): Promise<JsonObject> {
  const { params, era } = request;
  const args = isJsonObject(params['arguments']) ? params['arguments'] : {};
  const server = engine.setup().servers.get(entry.server)!;
  const planned = planPassthrough(entry, { args, server, caller: callerOf(engine, request)() });
  if (!planned.ok) return toErrorResult(planned.error);
  const call = isOrdinary(params) ? planned.call : withoutCache(planned.call);
  let { recorder } = recordCalls(engine, { principal: request.principal });
  if (call.approval !== undefined) {
    const approved = await approveAlone(engine, { call, request });
    if (!approved.ok) return toErrorResult(approved.error);
    recorder = refuseChanged(recorder, approved.findChange);
  }
  const { logLevel, onNotice, onProgress } = toContext(request);
  // A yes is for one call: a client that came back with the answers of a server would be asked for another one.
  const passesOn = { ...passedOnTo(era), ...(call.approval !== undefined && { inputRequired: false }) };
  const outcome = await engine.scheduler.runPassthrough(call, {
    signal: request.signal,
    owner: request.principal,
    recorder,
    send({ server: name, tool }, signal, { setWaiting, setAsking }) {
      const ask = countQuestions(request.ask, setAsking);
      const sent = { tool, params, signal, logLevel, ask, onNotice, onProgress, setWaiting };
      return sendCall(engine, { server: name, request: sent, client: era, passesOn });
    },
  });
  if (outcome.cached === true && engine.setup().flow !== undefined) engine.flow.record(request.principal, planned.call);
  const result = toResult(outcome);
  if (era === 'modern' || result['structuredContent'] === undefined) return result;
  return eraOf(engine, entry.server) === 'legacy' ? result : toLegacyResult(result, entry.tool['outputSchema']);
}

/** Whether its arguments are all that can make the call's result another one. */
function isOrdinary({ name: _name, arguments: _arguments, _meta: meta, ...others }: JsonObject): boolean {
  if (Object.keys(others).length > 0) return false;
  if (meta === undefined) return true;
  return isJsonObject(meta) && Object.keys(meta).every((key) => key === 'progressToken' || traceKeys.has(key));
}

/** Neither answered with another's result, nor another's answer. */
function withoutCache(call: PlannedCall): PlannedCall {
  const { cacheMs: _, ...rest } = call;
  return rest;
}

function toResult(outcome: Outcome): JsonObject {
  if (outcome.result !== undefined) return outcome.result;
  const error = outcome.error!;
  if (error.rpc !== undefined) throw new ProtocolError(error.rpc.code, error.rpc.message, error.rpc.data);
  return toErrorResult(error);
}

/** A failure of ours as a tool's result, which is the one form that every client shows to its model. */
export function toErrorResult(error: CallError): JsonObject {
  return { content: [{ type: 'text', text: `${error.code}: ${error.message}` }], isError: true };
}
