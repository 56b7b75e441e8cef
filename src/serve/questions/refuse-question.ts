import { isJsonObject, isTooDeep, maxDepth, type JsonObject } from '../../core/json.ts';
import type { Question } from '../../core/protocol/client.ts';
import { refusal, rpcCode, type Reply } from '../../core/protocol/rpc.ts';

/**
 * What a server hears that asks for what the client has not declared, in the words of a client that was asked directly: −32601 where
 * it knows nothing of the kind, −32602 where it knows another mode of it. Nothing where the question may be put. Only what the modern
 * era has a place for in `input_required` can be put at all.
 */
export function refuseQuestion({ method, params }: Question, capabilities: JsonObject): Reply | undefined {
  if (isTooDeep(params)) return refusal(rpcCode.invalidParams, `nested deeper than ${maxDepth} levels`);
  switch (method) {
    case 'elicitation/create':
      return refuseElicitation(params, capabilities['elicitation']);
    case 'sampling/createMessage':
      return refuseSampling(params, capabilities['sampling']);
    case 'roots/list':
      return capabilities['roots'] === undefined ? unknown : undefined;
    default:
      return unknown;
  }
}

const unknown = refusal(rpcCode.methodNotFound, 'Method not found');

function refuseElicitation({ mode }: JsonObject, declared: unknown): Reply | undefined {
  if (!isJsonObject(declared)) return unknown;
  if (mode === 'url') return declared['url'] === undefined ? unsupported('URL-mode elicitation') : undefined;
  // Before there were modes, forms were all there was, and nobody named them.
  const hasForms = declared['form'] !== undefined || declared['url'] === undefined;
  return hasForms ? undefined : unsupported('form-mode elicitation');
}

function refuseSampling({ tools, toolChoice }: JsonObject, declared: unknown): Reply | undefined {
  if (!isJsonObject(declared)) return unknown;
  const wantsTools = tools !== undefined || toolChoice !== undefined;
  return wantsTools && declared['tools'] === undefined ? unsupported('sampling with tools') : undefined;
}

function unsupported(what: string): Reply {
  return refusal(rpcCode.invalidParams, `Client does not support ${what} requests`);
}
