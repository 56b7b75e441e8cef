import { randomBytes } from 'node:crypto';
import { ProtocolError } from '@modelcontextprotocol/server';
import type { Clock } from '../../../core/clock.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Era } from '../../../core/protocol/client.ts';
import { rpcCode } from '../../../core/protocol/rpc.ts';
import { createShelf } from './shelf.ts';

const pageEntries = 1_000;

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
 * Gives the clients of one engine their lists in pages of 1,000. All pages are of one snapshot, which is kept for a minute from the last
 * page that was read, so that nothing is listed twice or never while servers change their lists.
 */
export interface PageBook {
  first(list: WholeList, era: Era): JsonObject;
  /** @throws ProtocolError −32602 for a cursor that is not of this list, or no longer */
  next(method: string, cursor: unknown): JsonObject;
}

export function createPageBook(clock: Clock): PageBook {
  const shelf = createShelf(clock);

  const pageAt = (list: WholeList, start: number, id: string): JsonObject => {
    const end = start + pageEntries;
    const page = { ...list.fields, [list.field]: list.entries.slice(start, end) };
    return end < list.entries.length ? { ...page, nextCursor: `${id}.${end}` } : page;
  };
  return {
    first(list, era) {
      if (list.entries.length <= pageEntries) return { ...list.fields, [list.field]: [...list.entries] };
      const { id, entries } = likeNewest(list, shelf.newest(list.method));
      const kept = { ...list, entries };
      shelf.keep(id, kept, era);
      return pageAt(kept, 0, id);
    },
    next(method, cursor) {
      const [id = '', start = ''] = typeof cursor === 'string' ? cursor.split('.') : [];
      const list = shelf.read(id);
      const isPage = /^[1-9]\d*000$/.test(start) && Number(start) < (list?.entries.length ?? 0);
      if (list?.method !== method || !isPage || cursor !== `${id}.${start}`) {
        throw new ProtocolError(rpcCode.invalidParams, `Invalid cursor; ask for ${method} from its beginning`);
      }
      shelf.refresh(id);
      return pageAt(list, Number(start), id);
    },
  };
}

/** Clients who are given the same list share what is kept of it: its entries, and where all is the same its cursors. */
function likeNewest(
  list: WholeList,
  newest: { id: string; list: WholeList } | undefined,
): { id: string; entries: WholeList['entries'] } {
  if (newest === undefined || !haveSameEntries(list.entries, newest.list.entries)) {
    return { id: createId(), entries: list.entries };
  }
  const isSame = JSON.stringify(list.fields) === JSON.stringify(newest.list.fields);
  return { id: isSame ? newest.id : createId(), entries: newest.list.entries };
}

function createId(): string {
  return randomBytes(9).toString('base64url');
}

/** Tools are mostly the very same objects; what is read anew from servers is the same by its text. */
function haveSameEntries(some: readonly JsonObject[], others: readonly JsonObject[]): boolean {
  return (
    some.length === others.length &&
    some.every((entry, index) => entry === others[index] || JSON.stringify(entry) === JSON.stringify(others[index]))
  );
}
