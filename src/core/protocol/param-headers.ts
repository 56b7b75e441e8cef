import type { JsonObject, JsonValue } from '../json.ts';
import { isJsonObject } from '../json.ts';

/** An argument that a tool wants repeated in a header: where it stands in the arguments, and the header's name after `Mcp-Param-`. */
export interface ParamHeader {
  path: readonly string[];
  name: string;
}

/**
 * The arguments that a tool's schema marks with `x-mcp-header` (MCP 2026-07-28, Streamable HTTP): on `integer`, `string` and
 * `boolean` properties, reachable through `properties` alone. `number` is not allowed any more, and still checked by servers.
 */
export function findParamHeaders(inputSchema: JsonObject): ParamHeader[] {
  const found: ParamHeader[] = [];
  const visit = (schema: JsonObject, path: readonly string[]): void => {
    const name = schema['x-mcp-header'];
    if (typeof name === 'string' && httpToken.test(name) && primitive.has(schema['type'])) found.push({ path, name });
    const properties = schema['properties'];
    if (!isJsonObject(properties)) return;
    for (const [key, child] of Object.entries(properties)) if (isJsonObject(child)) visit(child, [...path, key]);
  };
  visit(inputSchema, []);
  return found;
}

/** The `Mcp-Param-…` headers of one call; `undefined` if there are none. Absent and null arguments have no header. */
export function buildParamHeaders(
  wanted: readonly ParamHeader[],
  args: JsonValue | undefined,
): Record<string, string> | undefined {
  if (wanted.length === 0) return undefined;
  const headers: Record<string, string> = {};
  for (const { path, name } of wanted) {
    const text = toHeaderText(argumentAt(args, path));
    if (text !== undefined) headers[`Mcp-Param-${name}`] = encodeHeaderText(text);
  }
  return headers;
}

/** The argument at a path of own properties; `undefined` where there is none. */
export function argumentAt(args: JsonValue | undefined, path: readonly string[]): JsonValue | undefined {
  let value = args;
  for (const key of path) value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}

/** An argument as the text that its header stands for; `undefined` for what has none: null, lists, objects, numbers that lose digits. */
export function toHeaderText(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  const isExact = typeof value === 'number' && (Number.isSafeInteger(value) || !Number.isInteger(value));
  return isExact && Number.isFinite(value) ? String(value) : undefined;
}

/** Printable ASCII stands as it is; anything else, and what could be taken for an encoded value, is base64 of UTF-8 in a marker. */
export function encodeHeaderText(text: string): string {
  const isPlain = /^[\t\x20-\x7e]+$/.test(text) && text === text.trim() && !/^=\?base64\?.*\?=$/.test(text);
  return isPlain ? text : `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}

/** The text that a header's value stands for; `undefined` for a marker around what is no base64 of UTF-8. */
export function decodeHeaderText(value: string): string | undefined {
  if (!value.startsWith(markerStart) || !value.endsWith(markerEnd)) return value;
  const encoded = value.slice(markerStart.length, -markerEnd.length);
  if (!base64.test(encoded)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
}

const httpToken = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const primitive = new Set<JsonValue | undefined>(['integer', 'string', 'boolean', 'number']);
const markerStart = '=?base64?';
const markerEnd = '?=';
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
