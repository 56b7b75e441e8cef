import { isJsonObject, isTooDeep, type JsonObject } from '../../core/json.ts';
import { buildParamHeaders, findParamHeaders, type ParamHeader } from '../../core/protocol/param-headers.ts';
import { paramsOf, type Answer, type Request } from '../message.ts';

/** Which arguments of which tools are repeated in headers, learnt from the lists of tools that the client is shown. */
export interface ParamHeaderBook {
  /** Reads the answer to a `tools/list`; that to anything else is passed over. */
  learn(request: { method: string; params?: unknown }, answer: Answer): void;
  /** The `Mcp-Param-…` headers of a request; empty where none are known to be wanted. */
  headersOf(request: Request): Record<string, string>;
}

export function createParamHeaderBook(): ParamHeaderBook {
  const known = new Map<string, ParamHeader[]>();

  const learnTool = (tool: JsonObject): void => {
    const { name, inputSchema } = tool;
    if (typeof name !== 'string') return;
    const wanted = isJsonObject(inputSchema) && !isTooDeep(inputSchema) ? findParamHeaders(inputSchema) : [];
    if (wanted.length === 0) known.delete(name);
    else if (known.size < maxTools || known.has(name)) known.set(name, wanted);
  };

  return {
    learn(request, { result }) {
      if (request.method !== 'tools/list' || !isJsonObject(result) || !Array.isArray(result['tools'])) return;
      for (const tool of result['tools']) if (isJsonObject(tool)) learnTool(tool);
    },
    headersOf(request) {
      if (request.method !== 'tools/call') return {};
      const { name, arguments: args } = paramsOf(request);
      const wanted = typeof name === 'string' ? known.get(name) : undefined;
      return (wanted && buildParamHeaders(wanted, args)) ?? {};
    },
  };
}

/** Of those with such arguments, which are rare. */
const maxTools = 10_000;
