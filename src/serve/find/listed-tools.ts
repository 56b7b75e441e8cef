import { isOffered } from '../../catalog/find-tool.ts';
import { presentTool } from '../../catalog/present/present-tool.ts';
import { limitsOfClient, maxToolNameChars } from '../../core/protocol/client-limits.ts';
import type { Tool } from '../../core/tool.ts';
import type { ClientRequest } from '../client-request.ts';
import type { Engine } from '../engine.ts';
import { toLegacyTools } from '../features/tools/to-legacy-tools.ts';
import { fitTools } from './fit-tools.ts';
import { warnOfLimit } from './warn-of-limit.ts';

/** The servers' tools that a client lists. `isWhole`: there are no others that it could call. */
interface ListedTools {
  tools: readonly Tool[];
  isWhole: boolean;
}

/**
 * What of the servers' tools a client lists: none under `find` and `batch-only`; else all, or as many as its program takes beside the
 * `ownCount` tools that it lists of ours. What its credentials allow no call of is not there. A program without known limits gets all.
 */
export function listedTools(
  engine: Engine,
  { era, scopes, clientName }: Pick<ClientRequest, 'era' | 'scopes' | 'clientName'>,
  ownCount: number,
): ListedTools {
  const { surface, maxDescriptionChars } = engine.setup();
  if (surface !== 'passthrough') return { tools: [], isWhole: false };
  const catalog = engine.catalog();
  const known = era === 'legacy' ? toLegacyTools(engine, catalog) : catalog.listed;
  const isAllowed = ({ name }: Tool): boolean => {
    const entry = catalog.byExposedName.get(name);
    return entry !== undefined && isOffered(entry, scopes);
  };
  const allowed = scopes === undefined ? known : known.filter(isAllowed);
  const limits = clientName === undefined ? undefined : limitsOfClient(clientName);
  if (limits === undefined && maxDescriptionChars === undefined) return { tools: allowed, isWhole: true };
  const maxTools = limits?.maxTools ?? Infinity;
  // Where some are left out, `tools_find` stands in the place of one.
  const isWhole = allowed.length + ownCount <= maxTools;
  const fitting = isWhole ? allowed : fitTools(allowed, { catalog, room: maxTools - ownCount - 1 });
  if (!isWhole && limits !== undefined) warnOfLimit(engine, { limits, count: allowed.length + ownCount });
  const wanted = {
    maxNameChars: limits && maxToolNameChars(limits),
    refusesDots: limits?.refusesDots,
    maxDescriptionChars,
  };
  return {
    tools: fitting.flatMap((tool) => {
      const entry = catalog.byExposedName.get(tool.name);
      const shown = entry === undefined ? tool : presentTool(tool, entry, wanted);
      // A server can give a tool the very name that another one is cut to, which gets its calls; a name that stands twice spoils the whole list for some clients.
      return shown.name !== tool.name && catalog.byExposedName.has(shown.name) ? [] : [shown];
    }),
    isWhole,
  };
}
