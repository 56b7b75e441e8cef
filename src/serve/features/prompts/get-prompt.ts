import { ProtocolError } from '@modelcontextprotocol/server';
import type { JsonObject } from '../../../core/json.ts';
import { rpcCode } from '../../../core/protocol/rpc.ts';
import type { ClientRequest } from '../../client-request.ts';
import type { Engine } from '../../engine.ts';
import { sendRequest } from '../../questions/sending/send-request.ts';
import { toResult } from '../to-result.ts';
import { resolvePrompt } from './resolve-prompt.ts';

/** Answers `prompts/get` with what the prompt's server answers, untouched. */
export async function getPrompt(engine: Engine, request: ClientRequest): Promise<JsonObject> {
  const { name } = request.params;
  if (typeof name !== 'string')
    throw new ProtocolError(rpcCode.invalidParams, 'prompts/get needs params.name, a string');
  const found = await resolvePrompt(engine, { name, signal: request.signal });
  if (!found.ok) return toResult(found);
  const params = { ...request.params, name: found.name };
  return toResult(await sendRequest(engine, { server: found.server, request, params }));
}
