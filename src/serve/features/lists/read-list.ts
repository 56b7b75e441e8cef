import { isJsonObject, isTooDeep, maxDepth, type JsonObject } from '../../../core/json.ts';
import type { RequestContext } from '../../../core/protocol/client.ts';
import type { RpcError } from '../../../core/protocol/rpc.ts';
import type { Engine } from '../../engine.ts';
import type { ListKind } from './list-kind.ts';
import { mergeFields } from './merge-fields.ts';

// Far beyond what any server lists. One that never stops, or gives each page a new cursor, ends here.
const maxPages = 100;
const maxEntries = 10_000;

/** Something that a server lists, untouched, with what it is asked for by. */
export interface ListedEntry {
  server: string;
  id: string;
  entry: JsonObject;
}

/** All that one server lists, or the error that it answered with. */
export type ServerList =
  | { ok: true; server: string; entries: readonly ListedEntry[]; fields: JsonObject }
  | { ok: false; server: string; error: RpcError };

/** What all servers that have answered list, in their order. */
export function entriesOf(lists: readonly ServerList[]): readonly ListedEntry[] {
  return lists.flatMap((list) => (list.ok ? list.entries : []));
}

/** What of one server's list is to be read, and for whom. */
export interface ListRequest {
  server: string;
  kind: ListKind;
  /** Of the client's own request. The cursor in them is ours and does not go on. */
  params: JsonObject;
  context: RequestContext;
}

/**
 * Reads every page of one server's list. Entries that nobody could ask for, or that cannot be passed on, are left out, and so is what
 * lies beyond 100 pages or 10,000 entries; the log tells of both.
 */
export async function readList(engine: Engine, request: ListRequest): Promise<ServerList> {
  const { server, kind, params, context } = request;
  const { method, field, key } = kind;
  const { cursor: _, ...firstParams } = params;
  const entries: ListedEntry[] = [];
  const pages: JsonObject[] = [];
  const seen = new Set<string>();
  const warn = (message: string): void => engine.logger.warn({ server, method }, message);
  for (let sent: JsonObject | undefined = firstParams; sent !== undefined;) {
    const reply = await engine.requestUpstream(server, { ...context, method, params: sent });
    if (!reply.ok) return { ok: false, server, error: reply.error };
    const { nextCursor, ...page } = reply.result;
    const listed = Array.isArray(page[field]) ? page[field] : [];
    const sound = listed.flatMap((entry) => toEntry(entry, { server, key }));
    if (sound.length < listed.length) {
      warn(`${listed.length - sound.length} entries without ${key}, or deeper than ${maxDepth} levels, are left out`);
    }
    for (const entry of sound) entries.push(entry);
    pages.push({ ...page, [field]: [] });
    // A cursor that comes again would go on for ever.
    const next = typeof nextCursor === 'string' && !seen.has(nextCursor) ? nextCursor : undefined;
    if (next !== undefined) seen.add(next);
    const isFull = pages.length >= maxPages || entries.length >= maxEntries;
    if (entries.length > maxEntries || (isFull && next !== undefined)) {
      warn(`the list has more than ${maxPages} pages or ${maxEntries} entries; its end is left out`);
    }
    sent = next === undefined || isFull ? undefined : { ...firstParams, cursor: next };
  }
  return { ok: true, server, entries: entries.slice(0, maxEntries), fields: mergeFields(pages) };
}

function toEntry(entry: unknown, { server, key }: { server: string; key: string }): ListedEntry[] {
  if (!isJsonObject(entry) || isTooDeep(entry)) return [];
  const id = entry[key];
  return typeof id === 'string' ? [{ server, id, entry }] : [];
}
