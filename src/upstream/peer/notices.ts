import { SUBSCRIPTION_ID_META_KEY } from '@modelcontextprotocol/client';
import type { JsonObject } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';
import type { Notice } from '../../core/protocol/client.ts';
import type { RequestOwner } from './open-requests.ts';

/** A notification that belongs to no one request. */
export interface ConnectionNotice extends Notice {
  /** Whose requests it may belong to; absent where it belongs to none. */
  owners?: readonly RequestOwner[];
}

/** Part of the conversation between us and the server, whoever is in front: nothing to pass on. */
export function isOfProtocol(method: string): boolean {
  return method === 'notifications/subscriptions/acknowledged' || method === 'notifications/initialized';
}

/** Belongs to no request, even if it comes during one, or in its stream. */
export function isOfConnection(method: string): boolean {
  return ofConnection.has(method);
}

const ofConnection: ReadonlySet<string> = new Set([
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
  'notifications/resources/updated',
  'notifications/tasks/status',
  // It follows an answer that is long given: whatever is open then is another matter.
  'notifications/elicitation/complete',
]);

/** The params without the mark of the subscription that they came by: that is ours, and clients in front have their own. */
export function withoutSubscription(params: JsonObject): JsonObject {
  const { _meta: meta, ...rest } = params;
  if (!isJsonObject(meta) || !(SUBSCRIPTION_ID_META_KEY in meta)) return params;
  const { [SUBSCRIPTION_ID_META_KEY]: _, ...others } = meta;
  return Object.keys(others).length === 0 ? rest : { ...rest, _meta: others };
}
