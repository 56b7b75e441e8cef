import { exposedNames } from '../../../catalog/exposed-names.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Engine } from '../../engine.ts';
import { memoryOf } from '../client-memory.ts';
import { entriesOf, type ListedEntry, type ServerList } from '../lists/read-list.ts';

/** A prompt by where it stands. */
export interface KnownPrompt {
  server: string;
  /** Its name at its server. */
  name: string;
}

/** A prompt with what its server lists of it. */
interface NamedPrompt extends KnownPrompt {
  exposedName: string;
  entry: JsonObject;
}

/**
 * Names the prompts that servers list by the rules of tools, and remembers for the client which is which; those of a server that has
 * not answered now are remembered as they were. A server's second prompt of one name is left out: nobody could ask for it.
 */
export function learnPrompts(engine: Engine, lists: readonly ServerList[]): NamedPrompt[] {
  const offered = withoutDoubles(entriesOf(lists));
  const names = exposedNames(
    offered.map(({ server, id }) => ({ server, tool: id })),
    { naming: engine.setup().naming, servers: [...engine.setup().servers.keys()] },
  );
  const named = offered.flatMap(({ server, id, entry }, index) => {
    const exposedName = names[index];
    return exposedName === undefined ? [] : [{ server, name: id, entry, exposedName }];
  });
  const memory = memoryOf(engine);
  const silent = new Set(lists.filter(({ ok }) => !ok).map(({ server }) => server));
  const kept = [...(memory.prompts ?? [])].filter(([, { server }]) => silent.has(server));
  const now = named.map(({ exposedName, server, name }) => [exposedName, { server, name }] as const);
  memory.prompts = new Map([...kept, ...now]);
  return named;
}

function withoutDoubles(entries: readonly ListedEntry[]): ListedEntry[] {
  const seen = new Set<string>();
  return entries.filter(({ server, id }) => {
    const address = `${server} ${id}`;
    const isNew = !seen.has(address);
    seen.add(address);
    return isNew;
  });
}
