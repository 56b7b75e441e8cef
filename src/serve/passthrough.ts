import { ProtocolError } from '@modelcontextprotocol/server';
import type { CatalogEntry } from '../catalog/build-catalog.ts';
import { planPassthrough } from '../batch/plan/plan-passthrough.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { settleUnsent, type CallError, type Outcome } from '../core/outcome.ts';
import type { PlannedCall } from '../core/plan.ts';
import { traceContextKeys } from '../core/telemetry.ts';
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
import { tellEnd } from './telemetry/tell-end.ts';

/** Trace context of the W3C, which MCP carries in `_meta`. */
export const traceKeys: ReadonlySet<string> = new Set(traceContextKeys);

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
  if (!planned.ok) {
    tellRefusal(engine, { entry, request, error: planned.error });
    return toErrorResult(planned.error);
  }
  const call = isOrdinary(params) ? planned.call : withoutCache(planned.call);
  let { recorder } = recordCalls(engine, { principal: request.principal });
  if (call.approval !== undefined) {
    const approved = await approveAlone(engine, { call, request });
    if (!approved.ok) {
      tellRefusal(engine, { entry, request, error: approved.error });
      return toErrorResult(approved.error);
    }
    recorder = refuseChanged(recorder, approved.findChange);
  }
  const { logLevel, onNotice, onProgress } = toContext(request);
  // A yes is for one call: a client that came back with the answers of a server would be asked for another one.
  const passesOn = { ...passedOnTo(era), ...(call.approval !== undefined && { inputRequired: false }) };
  const { telemetry, clock } = engine;
  const acceptedMs = clock.now();
  const outcome = await engine.scheduler.runPassthrough(call, {
    signal: request.signal,
    owner: request.principal,
    recorder,
    send({ server: name, tool }, signal, { setWaiting, setAsking }) {
      const ask = countQuestions(request.ask, setAsking);
      const about = telemetry && { call, queuedMs: clock.now() - acceptedMs };
      const sent = { tool, params, signal, logLevel, ask, onNotice, onProgress, setWaiting, planned: about };
      return sendCall(engine, { server: name, request: sent, client: era, passesOn });
    },
  });
  if (telemetry !== undefined) tellEnd(telemetry, { entry: { kind: 'run', call }, outcome, meta: metaOf(params) });
  if (outcome.cached === true && engine.setup().flow !== undefined) engine.flow.record(request.principal, planned.call);
  const result = toResult(outcome);
  if (era === 'modern' || result['structuredContent'] === undefined) return result;
  return eraOf(engine, entry.server) === 'legacy' ? result : toLegacyResult(result, entry.tool['outputSchema']);
}

/** A call that ends before it is planned, or for want of a yes. */
function tellRefusal(
  { telemetry }: Engine,
  { entry, request, error }: { entry: CatalogEntry; request: ClientRequest; error: CallError },
): void {
  if (telemetry === undefined) return;
  const { exposedName: tool, server, classification } = entry;
  const settled = { kind: 'settled', index: 0, id: tool, tool, server, class: classification.class } as const;
  const outcome = settleUnsent(error);
  tellEnd(telemetry, { entry: { ...settled, outcome }, outcome, meta: metaOf(request.params) });
}

function metaOf({ _meta: meta }: JsonObject): JsonObject | undefined {
  return isJsonObject(meta) ? meta : undefined;
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
