import { randomBytes } from 'node:crypto';
import { ProtocolError } from '@modelcontextprotocol/server';
import type { Clock } from '../../../core/clock.ts';
import type { JsonObject } from '../../../core/json.ts';
import { rpcCode } from '../../../core/protocol/rpc.ts';

const pageEntries = 1_000;
/** A client reads page after page; whoever takes longer than this between two has stopped. */
const keptMs = 60_000;
/** Long lists that one client reads at once. The one that was not read for longest gives way. */
const maxKept = 16;

/** A list as it was when its first page was asked for. */
export interface WholeList {
  method: string;
  /** Where the entries stand in the result. */
  field: string;
  entries: readonly JsonObject[];
  /** What each page holds beside them. */
  fields: JsonObject;
}

/**
 * Gives one client its lists in pages of 1,000. All pages are of one snapshot, which is kept for a minute from the last page that was
 * read, so that nothing is listed twice or never while servers change their lists.
 */
export interface PageBook {
  first(list: WholeList): JsonObject;
  /** @throws ProtocolError −32602 for a cursor that is not of this list, or no longer */
  next(method: string, cursor: unknown): JsonObject;
}

export function createPageBook(clock: Clock): PageBook {
  const kept = new Map<string, WholeList & { expiresMs: number }>();

  const dropExpired = (): void => {
    for (const [id, { expiresMs }] of kept) if (expiresMs <= clock.now()) kept.delete(id);
  };
  /** Puts it behind all others: the first one is the oldest. */
  const keep = (id: string, list: WholeList): void => {
    kept.delete(id);
    kept.set(id, { ...list, expiresMs: clock.now() + keptMs });
    const oldest = kept.size > maxKept ? kept.keys().next().value : undefined;
    if (oldest !== undefined) kept.delete(oldest);
  };
  const pageAt = (list: WholeList, start: number, id: string): JsonObject => {
    const end = start + pageEntries;
    const page = { ...list.fields, [list.field]: list.entries.slice(start, end) };
    return end < list.entries.length ? { ...page, nextCursor: `${id}.${end}` } : page;
  };

  return {
    first(list) {
      dropExpired();
      if (list.entries.length <= pageEntries) return { ...list.fields, [list.field]: [...list.entries] };
      const id = randomBytes(9).toString('base64url');
      keep(id, list);
      return pageAt(list, 0, id);
    },
    next(method, cursor) {
      dropExpired();
      const [id = '', start = ''] = typeof cursor === 'string' ? cursor.split('.') : [];
      const list = kept.get(id);
      const isPage = /^[1-9]\d*000$/.test(start) && Number(start) < (list?.entries.length ?? 0);
      if (list?.method !== method || !isPage || cursor !== `${id}.${start}`) {
        throw new ProtocolError(rpcCode.invalidParams, `Invalid cursor; ask for ${method} from its beginning`);
      }
      keep(id, list);
      return pageAt(list, Number(start), id);
    },
  };
}
