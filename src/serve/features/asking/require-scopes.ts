import { ProtocolError } from '@modelcontextprotocol/server';
import { rpcCode } from '../../../core/protocol/rpc.ts';
import { toolClasses, type ToolClass } from '../../../core/tool.ts';
import type { ClientRequest } from '../../client-request.ts';

/** What reads from a server without being a call. */
const reading = new Set([
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
  'prompts/get',
  'completion/complete',
]);

/** What shows what there is, or speaks of what the client has begun itself. */
const harmless = new Set([
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'tools/list',
  'logging/setLevel',
]);

/**
 * Refuses what a client's credentials do not allow, beside calls, which policy decides about one by one. Of a method that only a
 * vendor knows nobody can tell what it does.
 * @throws ProtocolError −32602
 */
export function requireScopes({ method, scopes }: Pick<ClientRequest, 'method' | 'scopes'>): void {
  if (scopes === undefined) return;
  const missing = neededFor(method).filter((needed) => !scopes.has(needed));
  if (missing.length === 0) return;
  const named = missing.join(' and ');
  throw new ProtocolError(
    rpcCode.invalidParams,
    `denied_by_policy: ${method} needs the scope ${named}, which the credentials of this client do not hold`,
  );
}

function neededFor(method: string): readonly ToolClass[] {
  if (harmless.has(method) || method.startsWith('tasks/')) return [];
  return reading.has(method) ? ['read'] : toolClasses;
}
