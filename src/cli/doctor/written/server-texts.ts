import { isJsonObject } from '../../../core/json.ts';
import type { Path, Source } from '../../../config/source/source.ts';
import { valueAt } from '../../../clients/client.ts';

/** A text of a server's entry, as it is written. */
export interface ServerText {
  server: string;
  /** From the top of the file. */
  path: Path;
  /** `command`, `args`, `env`, … */
  key: string;
  /** The name inside of `env`, `headers` or `auth`; the index inside of `args`. */
  inner?: string;
  text: string;
}

/** Every text of the enabled servers in which variables are replaced (contract.md §2). */
export function serverTexts({ value }: Pick<Source, 'value'>): ServerText[] {
  return ['servers', 'mcpServers'].flatMap((top) => {
    const servers = valueAt(value, top);
    if (!isJsonObject(servers)) return [];
    return Object.entries(servers).flatMap(([server, entry]) => {
      if (!isJsonObject(entry) || entry['enabled'] === false) return [];
      return ['command', 'cwd', 'url', 'args', 'env', 'headers', 'auth'].flatMap((key): ServerText[] => {
        const held = entry[key];
        const path = [top, server, key];
        if (typeof held === 'string') return [{ server, key, path, text: held }];
        if (typeof held !== 'object' || held === null) return [];
        return Object.entries(held).flatMap(([inner, text]): ServerText[] =>
          typeof text === 'string'
            ? [{ server, key, inner, path: [...path, Array.isArray(held) ? Number(inner) : inner], text }]
            : [],
        );
      });
    });
  });
}
