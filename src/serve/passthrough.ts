import { ProtocolError } from '@modelcontextprotocol/server';
import type { CatalogEntry } from '../catalog/build-catalog.ts';
import { planPassthrough } from '../batch/plan/plan-passthrough.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { CallError, Outcome } from '../core/outcome.ts';
import type { PlannedCall } from '../core/plan.ts';
import type { Engine } from './engine.ts';
import type { ClientRequest } from './client-request.ts';

/** Trace context of the W3C, which MCP carries in `_meta`. */
export const traceKeys: ReadonlySet<string> = new Set(['traceparent', 'tracestate', 'baggage']);

/**
 * Calls one tool for a client, as if we were not there: arguments, `_meta`, progress, cancellation, result and error pass
 * unchanged. Policy, locks and limits hold all the same; what they refuse is a result with `isError`.
 * @throws ProtocolError with the upstream's own code, message and data where it answered with an error
 */
export function callPassthrough(engine: Engine, entry: CatalogEntry, request: ClientRequest): Promise<JsonObject> {
  const { params } = request;
  const args = isJsonObject(params['arguments']) ? params['arguments'] : {};
  const planned = planPassthrough(entry, { args, server: engine.servers.get(entry.server)! });
  if (!planned.ok) return Promise.resolve(toErrorResult(planned.error));
  const { progressToken } = request;
  const onProgress =
    progressToken === undefined
      ? undefined
      : (progress: JsonObject) => request.notifyProgress({ ...progress, progressToken });
  return engine.scheduler
    .runPassthrough(isOrdinary(params) ? planned.call : withoutCache(planned.call), {
      signal: request.signal,
      send: (call, signal, setWaiting) =>
        engine.callUpstream(call.server, { tool: call.tool, params, signal, onProgress, setWaiting }),
    })
    .then(toResult);
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
