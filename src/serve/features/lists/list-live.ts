import { rpcCode } from '../../../core/protocol/rpc.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { ClientRequest } from '../../client-request.ts';
import type { Engine } from '../../engine.ts';
import { memoryOf } from '../client-memory.ts';
import { toContext } from '../to-context.ts';
import { toResult } from '../to-result.ts';
import type { ListKind } from './list-kind.ts';
import { mergeFields } from './merge-fields.ts';
import type { ServerList } from './read-list.ts';
import { readLists } from './read-lists.ts';

/** A list that the servers are asked for each time. */
interface LiveList {
  request: ClientRequest;
  kind: ListKind;
  /** What the client sees of what was listed, and under which names. */
  show: (lists: readonly ServerList[]) => readonly JsonObject[];
}

/**
 * Answers a request for a list that the servers are asked for each time: what they answer in the order of the configuration, in pages.
 * A server that fails is left out, unless all do.
 * @throws ProtocolError with the first server's own error where none has answered otherwise
 */
export async function listLive(engine: Engine, { request, kind, show }: LiveList): Promise<JsonObject> {
  const { pages } = memoryOf(engine);
  const { method, field } = kind;
  if (request.params['cursor'] !== undefined) return pages.next(method, request.params['cursor']);
  const lists = await readLists(engine, { kind, params: request.params, context: toContext(request) });
  const listed = lists.filter((list) => list.ok);
  const failed = lists.find((list) => !list.ok);
  // Of several servers, those that do not know the method have nothing to list.
  const isEmpty = lists.length > 1 && lists.every((list) => list.ok || list.error.code === rpcCode.methodNotFound);
  if (failed !== undefined && listed.length === 0 && !isEmpty) return toResult(failed);
  const fields = mergeFields(listed.map((list) => list.fields));
  return pages.first({ method, field, entries: show(lists), fields }, request.era);
}
