import { ProtocolError } from '@modelcontextprotocol/server';
import type { JsonObject } from '../../../core/json.ts';
import { rpcCode } from '../../../core/protocol/rpc.ts';
import type { ClientRequest } from '../../client-request.ts';
import type { Engine } from '../../engine.ts';
import { memoryOf } from '../client-memory.ts';
import { subscribeResource, unsubscribeResource } from '../subscribe-resource.ts';
import { toResult } from '../to-result.ts';

/** Answers `resources/subscribe` and `resources/unsubscribe`. In a session a resource is watched or not, however often it was asked for. */
export async function changeSubscription(engine: Engine, { method, params, era }: ClientRequest): Promise<JsonObject> {
  const { uri } = params;
  if (typeof uri !== 'string') throw new ProtocolError(rpcCode.invalidParams, `${method} needs params.uri, a string`);
  if (method === 'resources/unsubscribe') return toResult(await unsubscribeResource(engine, uri));
  const open = memoryOf(engine).subscriptions.open.get(uri);
  const isOpen = open !== undefined && open.count > 0;
  return toResult(await (isOpen ? open.reply : subscribeResource(engine, uri, { era })));
}
