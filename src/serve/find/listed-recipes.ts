import { shortRecipeName } from '../../catalog/exposed-names.ts';
import { limitsOfClient, maxToolNameChars } from '../../core/protocol/client-limits.ts';
import type { Tool } from '../../core/tool.ts';
import type { ClientRequest } from '../client-request.ts';
import type { Engine } from '../engine.ts';
import { warnOfLimit } from './warn-of-limit.ts';

/**
 * The recipes that a client lists: those that its credentials allow, as with tools, and under names that its program takes. They go
 * before the servers' tools, which batches reach without being listed; only where a program takes fewer tools than there are recipes,
 * with the `ownCount` others that are always listed and `tools_find`, the last ones of the file are left out.
 */
export function listedRecipes(
  engine: Engine,
  { scopes, clientName }: Pick<ClientRequest, 'scopes' | 'clientName'>,
  ownCount: number,
): readonly Tool[] {
  const allowed = [...engine.recipes().values()].flatMap(({ tool, class: worst }) =>
    scopes === undefined || scopes.has(worst) ? [tool] : [],
  );
  const limits = clientName === undefined ? undefined : limitsOfClient(clientName);
  if (limits === undefined) return allowed;
  const { maxTools = Infinity } = limits;
  const room = maxTools - ownCount - 1;
  if (allowed.length > room) warnOfLimit(engine, { limits, count: allowed.length + ownCount + 1 });
  const maxNameChars = maxToolNameChars(limits) ?? Infinity;
  return allowed.slice(0, Math.max(0, room)).map((tool) => {
    const name = shortRecipeName(tool.name, maxNameChars);
    return name === tool.name ? tool : { ...tool, name };
  });
}
