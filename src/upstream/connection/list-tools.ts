import type { JsonObject } from '../../core/json.ts';
import { isJsonObject, isTooDeep } from '../../core/json.ts';
import type { Tool } from '../../core/tool.ts';
import type { RawPeer } from '../peer/raw-peer.ts';

const maxPages = 100;
const maxTools = 10_000;
const methodNotFound = -32601;

export interface ToolListing {
  tools: Tool[];
  /** What the list held beside the tools: `ttlMs` (the smallest), `cacheScope` (the most private), `_meta`, and anything else. */
  toolList: JsonObject;
  /** What was left out and why, for the log. */
  warnings: string[];
}

/** Reads every page of a server's tool list. Throws if the server refuses, cannot be reached or `signal` is aborted. */
export async function listTools(peer: Pick<RawPeer, 'request'>, signal: AbortSignal): Promise<ToolListing> {
  const listing: ToolListing = { tools: [], toolList: {}, warnings: [] };
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (let page = 1; ; page += 1) {
    const result = await readPage(peer, cursor, signal);
    const { tools, nextCursor: next, ...rest } = result;
    addTools(listing, tools);
    listing.toolList = mergeFields(listing.toolList, rest);
    if (typeof next !== 'string') return listing;
    const stop = stopReason({ next, seen, page, count: listing.tools.length });
    if (stop !== undefined) {
      listing.warnings.push(stop);
      return listing;
    }
    seen.add(next);
    cursor = next;
  }
}

interface Progress {
  next: string;
  seen: ReadonlySet<string>;
  page: number;
  count: number;
}

/** A list that does not end must not be read for ever. */
function stopReason({ next, seen, page, count }: Progress): string | undefined {
  if (seen.has(next)) return 'its tool list repeats a cursor; what came until then is used';
  if (page >= maxPages) return `its tool list has more than ${maxPages} pages; the rest is left out`;
  if (count >= maxTools) return `its tool list has more than ${maxTools} tools; the rest is left out`;
  return undefined;
}

async function readPage(
  peer: Pick<RawPeer, 'request'>,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<JsonObject> {
  const answer = await peer.request('tools/list', cursor === undefined ? {} : { cursor }, { signal });
  if (answer.kind === 'result') return answer.result;
  if (answer.kind === 'error') {
    if (answer.error.code === methodNotFound) return {};
    throw new Error(`it refused to list its tools: ${answer.error.message} (${answer.error.code})`);
  }
  throw new Error(
    answer.kind === 'cancelled' ? 'it did not list its tools in time' : `its tools cannot be listed: ${answer.reason}`,
  );
}

/** Fields of two pages as those of one list, which lives no longer and is shown no wider than either. */
function mergeFields(before: JsonObject, page: JsonObject): JsonObject {
  const merged = { ...before, ...page };
  const [a, b] = [before['ttlMs'], page['ttlMs']];
  if (typeof a === 'number' && typeof b === 'number') merged['ttlMs'] = Math.min(a, b);
  if (before['cacheScope'] === 'private') merged['cacheScope'] = 'private';
  return merged;
}

function addTools({ tools, warnings }: ToolListing, listed: unknown): void {
  if (!Array.isArray(listed)) return;
  for (const tool of listed) {
    if (tools.length >= maxTools) return;
    if (isTool(tool)) tools.push(tool);
    else warnings.push('an entry of its tool list has no name or no usable input schema and is left out');
  }
}

/** True for what can be called, described and written down: a name, an input schema that is an object, and no endless nesting. */
export function isTool(value: unknown): value is Tool {
  if (!isJsonObject(value) || typeof value['name'] !== 'string') return false;
  return isJsonObject(value['inputSchema']) && !isTooDeep(value);
}
