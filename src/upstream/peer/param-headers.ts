import type { JsonObject, JsonValue } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';

/** An argument that a tool wants repeated in a header: where it stands in the arguments, and the header's name. */
export interface ParamHeader {
  path: readonly string[];
  name: string;
}

/**
 * The arguments that a tool's schema marks with `x-mcp-header` (MCP 2026-07-28, Streamable HTTP): on `integer`, `string` and
 * `boolean` properties, reachable through `properties` alone.
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
    let value = args;
    for (const key of path) value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    const text = toText(value);
    if (text !== undefined) headers[`Mcp-Param-${name}`] = encode(text);
  }
  return headers;
}

const httpToken = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const primitive = new Set<JsonValue | undefined>(['integer', 'string', 'boolean']);

function toText(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isSafeInteger(value))) return String(value);
  return undefined;
}

/** Printable ASCII stands as it is; anything else, and what could be taken for an encoded value, is base64 of UTF-8 in a marker. */
function encode(text: string): string {
  const isPlain = /^[\t\x20-\x7e]+$/.test(text) && text === text.trim() && !/^=\?base64\?.*\?=$/.test(text);
  return isPlain ? text : `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}
