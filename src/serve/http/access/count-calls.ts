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
]);

/** How many requests of a body count against what its sender may have: calls, batches, and whatever else reaches a server. */
export function countCalls(body: unknown): number {
  return (Array.isArray(body) ? body : [body]).filter(counts).length;
}

function counts(message: unknown): boolean {
  if (!isJsonObject(message) || message['id'] === undefined) return false;
  const { method } = message;
  return typeof method === 'string' && !freeMethods.has(method) && !method.startsWith('tasks/');
}
