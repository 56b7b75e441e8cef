import { ProtocolError } from '@modelcontextprotocol/server';
import { isJsonObject, type JsonObject } from '../../../core/json.ts';
import { refusal, rpcCode, type Reply } from '../../../core/protocol/rpc.ts';
import type { ClientRequest } from '../../client-request.ts';
import type { Engine } from '../../engine.ts';
import { firstAnswer } from './first-answer.ts';
import { sendRequest } from '../../questions/sending/send-request.ts';
import { offeringServers } from './offering-servers.ts';
import { resolvePrompt } from '../prompts/resolve-prompt.ts';
import { isNotFound } from '../resources/is-not-found.ts';
import { noSuchResource } from '../resources/no-such-resource.ts';
import { resolveResource } from '../resources/resolve-resource.ts';
import { toResult } from '../to-result.ts';

/** Answers `completion/complete`: the server of the prompt or the resource that is named knows how its arguments can go on. */
export async function complete(engine: Engine, request: ClientRequest): Promise<JsonObject> {
  const { ref } = request.params;
  if (!isJsonObject(ref))
    throw new ProtocolError(rpcCode.invalidParams, 'completion/complete needs params.ref, an object');
  const { name, uri } = ref;
  if (ref['type'] === 'ref/prompt' && typeof name === 'string') {
    const found = await resolvePrompt(engine, { name, signal: request.signal });
    if (!found.ok) return toResult(found);
    const params = { ...request.params, ref: { ...ref, name: found.name } };
    return toResult(await sendRequest(engine, { server: found.server, request, params }));
  }
  if (ref['type'] === 'ref/resource' && typeof uri === 'string') {
    const route = await resolveResource(engine, uri);
    if (!route.ok) return toResult(route);
    const params = { ...request.params, ref: { ...ref, uri: route.uri } };
    const reply = await askInTurn(engine, { servers: route.servers, request, params });
    return toResult(reply ?? noSuchResource(uri, request.era));
  }
  // A kind of reference that we do not know, or a broken one: there is no name in it to go by.
  const servers = offeringServers(engine, 'completions').map(({ server }) => server);
  const reply = await askInTurn(engine, { servers, request, params: request.params });
  return toResult(
    reply ?? refusal(rpcCode.invalidParams, 'params.ref names neither a prompt nor a resource of any server'),
  );
}

async function askInTurn(
  engine: Engine,
  { servers, request, params }: { servers: readonly string[]; request: ClientRequest; params: JsonObject },
): Promise<Reply | undefined> {
  const answer = await firstAnswer(servers, {
    ask: (server) => sendRequest(engine, { server, request, params }),
    isForeign: (error) =>
      isNotFound(error) || error.code === rpcCode.methodNotFound || error.code === rpcCode.invalidParams,
    signal: request.signal,
  });
  return answer?.reply;
}
