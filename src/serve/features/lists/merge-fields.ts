import { isJsonObject, type JsonObject } from '../../../core/json.ts';

/**
 * What results of lists held beside their entries, as one: of a field that several have the first stands, `_meta` is joined by its
 * keys. A merged list may be kept as briefly as its shortest part, and is private if one of them is (MCP 2026-07-28, caching); a
 * part that says nothing of it may not be kept.
 */
export function mergeFields(parts: readonly JsonObject[]): JsonObject {
  const [first] = parts;
  if (first === undefined || parts.length === 1) return first ?? {};
  const metas = parts.map(({ _meta: meta }) => meta).filter(isJsonObject);
  return { ...joinFields(parts), ...(metas.length > 0 && { _meta: joinFields(metas) }), ...mergeCaching(parts) };
}

/** In the order of the first part, then what it lacks. */
function joinFields(parts: readonly JsonObject[]): JsonObject {
  return { ...parts[0], ...Object.fromEntries(parts.toReversed().flatMap((part) => Object.entries(part))) };
}

function mergeCaching(parts: readonly JsonObject[]): JsonObject {
  const caching: JsonObject = {};
  if (parts.some((part) => part['ttlMs'] !== undefined)) caching['ttlMs'] = Math.min(...parts.map(ttlMsOf));
  if (parts.some((part) => part['cacheScope'] !== undefined)) {
    caching['cacheScope'] = parts.every((part) => part['cacheScope'] === 'public') ? 'public' : 'private';
  }
  return caching;
}

function ttlMsOf({ ttlMs }: JsonObject): number {
  return typeof ttlMs === 'number' && ttlMs >= 0 ? ttlMs : 0;
}
