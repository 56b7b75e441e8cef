import { isJsonObject } from '../../../core/json.ts';

/** What we answer by ourselves, from what is known already: it costs nobody else anything. */
const freeMethods = new Set([
  'initialize',
  'ping',
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'subscriptions/listen',
  'logging/setLevel',
  // Without the first no session is open, and who has reached the rate has to be able to end what runs.
  'notifications/initialized',
  'notifications/cancelled',
]);

/** What of a body counts against what its sender may have. */
export interface Asked {
  /** Calls, batches, and whatever else reaches a server. */
  calls: number;
  /** Notifications: they are done at once, but there must not be any number of them. */
  notices: number;
}

export function countCalls(body: unknown): Asked {
  const kinds = (Array.isArray(body) ? body : [body]).map(kindOf);
  return {
    calls: kinds.filter((kind) => kind === 'call').length,
    notices: kinds.filter((kind) => kind === 'notice').length,
  };
}

function kindOf(message: unknown): 'call' | 'notice' | 'free' {
  const method = isJsonObject(message) ? message['method'] : undefined;
  if (!isJsonObject(message) || typeof method !== 'string') return 'free';
  if (freeMethods.has(method) || method.startsWith('tasks/')) return 'free';
  return message['id'] === undefined ? 'notice' : 'call';
}
