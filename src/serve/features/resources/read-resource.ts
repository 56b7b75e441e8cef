import { ProtocolError } from '@modelcontextprotocol/server';
import { isJsonObject, type JsonObject } from '../../../core/json.ts';
import { rpcCode } from '../../../core/protocol/rpc.ts';
import type { ClientRequest } from '../../client-request.ts';
import type { Engine } from '../../engine.ts';
import { memoryOf } from '../client-memory.ts';
import { firstAnswer } from '../asking/first-answer.ts';
import { sendRequest } from '../../questions/sending/send-request.ts';
import { toResult } from '../to-result.ts';
import { isNotFound } from './is-not-found.ts';
import { noSuchResource } from './no-such-resource.ts';
import { resolveResource } from './resolve-resource.ts';

/** Answers `resources/read` with what the resource's server answers; where the client asked by a prefixed URI, it is answered by it. */
export async function readResource(engine: Engine, request: ClientRequest): Promise<JsonObject> {
  const { uri } = request.params;
  if (typeof uri !== 'string')
    throw new ProtocolError(rpcCode.invalidParams, 'resources/read needs params.uri, a string');
  const route = await resolveResource(engine, uri);
  if (!route.ok) return toResult(route);
  const params = { ...request.params, uri: route.uri };
  const answer = await firstAnswer(route.servers, {
    ask: (server) => sendRequest(engine, { server, request, params }),
    isForeign: isNotFound,
    signal: request.signal,
  });
  if (answer === undefined) return toResult(noSuchResource(uri, request.era));
  const result = toResult(answer.reply);
  if (route.servers.length > 1) memoryOf(engine).routes.found({ server: answer.server, uri });
  return route.uri === uri ? result : withUri(result, { from: route.uri, to: uri });
}

function withUri(result: JsonObject, { from, to }: { from: string; to: string }): JsonObject {
  const { contents } = result;
  if (!Array.isArray(contents)) return result;
  const renamed = contents.map((part) => (isJsonObject(part) && part['uri'] === from ? { ...part, uri: to } : part));
  return { ...result, contents: renamed };
}
