import { fairShares } from '../../batch/budget/fair-shares.ts';
import type { Catalog } from '../../catalog/build-catalog.ts';
import { toolClasses, type Tool } from '../../core/tool.ts';

/**
 * At most `room` of the listed tools, in their order. Servers share the room fairly: a small one is there whole, and none is missing, since
 * a model looks for the tools of a server only where it knows that there is one. Of a server its reads come first, then its writes, each
 * as the server lists them: reads are what models begin with, and what nobody can see does no harm.
 */
export function fitTools(
  listed: readonly Tool[],
  { catalog, room }: { catalog: Catalog; room: number },
): readonly Tool[] {
  const byServer = new Map<string, Tool[]>();
  for (const tool of listed) {
    const server = catalog.byExposedName.get(tool.name)?.server ?? '';
    const known = byServer.get(server);
    if (known === undefined) byServer.set(server, [tool]);
    else known.push(tool);
  }
  const servers = [...byServer.values()];
  const shares = fairShares(
    servers.map(({ length }) => length),
    room,
  );
  const rank = ({ name }: Tool): number =>
    toolClasses.indexOf(catalog.byExposedName.get(name)?.classification.class ?? 'destructive');
  const kept = new Set(
    servers.flatMap((tools, index) => tools.toSorted((a, b) => rank(a) - rank(b)).slice(0, shares[index])),
  );
  return listed.filter((tool) => kept.has(tool));
}
