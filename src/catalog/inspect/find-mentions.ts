import type { Catalog } from '../build-catalog.ts';
import type { Finding } from './finding.ts';

/** A description that names more tools than these is an overview. */
const maxMentions = 3;

/**
 * Descriptions that speak of another server's tool by a name that is no word of everyday language: how a description would lead a model
 * to misuse what it was not written for. Often it is harmless, so it is a note.
 */
export function findMentions({
  entries,
  byExposedName,
  byAddress,
}: Pick<Catalog, 'entries' | 'byExposedName' | 'byAddress'>): Finding[] {
  const bare = new Map(
    entries.filter(({ tool }) => /[_-]|[a-z][A-Z]/.test(tool.name)).map((entry) => [entry.tool.name, entry]),
  );
  return entries.flatMap(({ server, tool }) => {
    const mentioned = new Set<string>();
    for (const [word] of (tool.description ?? '').matchAll(/[\p{L}\d_][\p{L}\d_./:-]*[\p{L}\d_]/gu)) {
      const meant = byExposedName.get(word) ?? byAddress.get(word)?.[0] ?? bare.get(word);
      if (meant !== undefined && meant.server !== server && meant.tool.name !== tool.name)
        mentioned.add(meant.exposedName);
      if (mentioned.size >= maxMentions) break;
    }
    if (mentioned.size === 0) return [];
    const message = `speaks of tools of other servers in its description: ${[...mentioned].join(', ')}`;
    return [{ server, tool: tool.name, level: 'note' as const, message }];
  });
}
