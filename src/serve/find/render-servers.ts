import { quote } from '../../batch/input/field-problems.ts';
import { isServerOffered } from '../../catalog/find-tool.ts';
import { recipeServer, type ToolClass } from '../../core/tool.ts';
import type { Engine } from '../engine.ts';
import type { FoundTools } from './find-tools.ts';

/** As many as fit a few lines. */
const maxServers = 100;

/**
 * For who has found nothing, or asked for nothing: what servers there are, and how many tools each has; without those of which `scopes`
 * (the classes of calls that the asker may make; absent: all) allow no call.
 */
export function renderServers(
  engine: Engine,
  { query, visible }: FoundTools,
  scopes: ReadonlySet<ToolClass> | undefined,
): string {
  const known = [...engine.setup().servers.keys()].filter((name) => isServerOffered(engine.catalog(), name, scopes));
  const counts = new Map(known.map((server) => [server, 0]));
  for (const { server } of visible) counts.set(server, (counts.get(server) ?? 0) + 1);
  const servers = [...counts].slice(0, maxServers).map(([server, count]) => {
    const words = server === recipeServer ? 'recipes' : server;
    return count > 0
      ? `${words} (${count})`
      : `${words} (${engine.unavailable(server) === undefined ? 'no tools' : 'not connected'})`;
  });
  const first = query.trim() === '' ? 'No query.' : `No tool found for ${quote(query)}.`;
  const rest = counts.size > maxServers ? ` and ${counts.size - maxServers} more` : '';
  const mend = 'Ask for what a tool does, for the thing that it works on, or for a server by name.';
  return `${first} Servers and their tools: ${servers.join(', ') || 'none'}${rest}. ${mend}`;
}
