import type { LockFile } from './lock-file.ts';

/** The lock file as text, the same for the same content: keys in order, a line for each value, so that a difference shows what has changed. */
export function renderLock({ servers }: LockFile): string {
  const written = sorted(servers, ({ launch, tools }) => ({
    launch: { ...launch },
    tools: sorted(tools, (tool) => ({ ...tool })),
  }));
  return `${JSON.stringify({ version: 1, servers: written }, null, 2)}\n`;
}

/** By code units: no locale has a say in a file that several people write. */
function sorted<T>(map: ReadonlyMap<string, T>, write: (value: T) => object): Record<string, object> {
  const entries = [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, write(value)]));
}
