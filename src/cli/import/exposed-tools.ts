import type { Catalog } from '../../catalog/build-catalog.ts';
import type { ExposedTools } from '../../clients/resolve-rule.ts';

/** The tools of a catalogue by the names under which clients see them. */
export function exposedToolsOf({ entries }: Pick<Catalog, 'entries'>): ExposedTools {
  return new Map(
    entries.map(({ exposedName, server, tool, classification }) => [
      exposedName,
      { server, tool: tool.name, isDestructive: classification.class === 'destructive' },
    ]),
  );
}
