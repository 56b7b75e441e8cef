import { isJsonObject, type JsonObject } from '../../../core/json.ts';
import { findParamHeaders, type ParamHeader } from '../../../core/protocol/param-headers.ts';

/** An argument whose header is checked. */
export interface CheckedParam extends ParamHeader {
  /** Numbers may be written in more than one way. */
  isNumber: boolean;
}

/**
 * The arguments of a tool whose headers are checked: those that its schema marks with `x-mcp-header`; none where a mark breaks the
 * specification's rules, since clients then leave the tool out or send no headers for it (MCP 2026-07-28, Schema Extension). Remembered
 * by schema.
 */
export function checkedParams(inputSchema: JsonObject): readonly CheckedParam[] {
  const known = remembered.get(inputSchema);
  if (known !== undefined) return known;
  const marks = { names: new Set<string>(), areSound: true };
  visit(inputSchema, { marks, isReachable: true, isRoot: true });
  const found = marks.areSound && marks.names.size > 0 ? findParamHeaders(inputSchema) : [];
  const checked = found.map((param) => ({ ...param, isNumber: isNumeric(inputSchema, param.path) }));
  remembered.set(inputSchema, checked);
  return checked;
}

const remembered = new WeakMap<JsonObject, readonly CheckedParam[]>();

interface Marks {
  /** In lower case: two that differ in case alone are one header. */
  names: Set<string>;
  areSound: boolean;
}

const httpToken = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const markedTypes: ReadonlySet<unknown> = new Set(['integer', 'string', 'boolean', 'number']);

/** Where a schema holds others that are not properties which every argument has; below, by name instead of directly. */
const subschemas: readonly string[] = [
  'items',
  'prefixItems',
  'contains',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'propertyNames',
  'oneOf',
  'anyOf',
  'allOf',
  'not',
  'if',
  'then',
  'else',
];
const namedSubschemas = ['patternProperties', 'dependentSchemas', '$defs', 'definitions'];

function visit(schema: unknown, at: { marks: Marks; isReachable: boolean; isRoot?: boolean }): void {
  const { marks, isReachable, isRoot = false } = at;
  if (!isJsonObject(schema) || !marks.areSound) return;
  if ('x-mcp-header' in schema) {
    const name = schema['x-mcp-header'];
    const isSound =
      isReachable && !isRoot && typeof name === 'string' && httpToken.test(name) && markedTypes.has(schema['type']);
    if (!isSound || marks.names.has(name.toLowerCase())) marks.areSound = false;
    else marks.names.add(name.toLowerCase());
  }
  for (const child of valuesOf(schema['properties'])) visit(child, { marks, isReachable });
  const hidden = { marks, isReachable: false };
  for (const keyword of subschemas) for (const child of [schema[keyword]].flat()) visit(child, hidden);
  for (const keyword of namedSubschemas) for (const child of valuesOf(schema[keyword])) visit(child, hidden);
}

function valuesOf(value: unknown): unknown[] {
  return isJsonObject(value) ? Object.values(value) : [];
}

function isNumeric(inputSchema: JsonObject, path: readonly string[]): boolean {
  let schema: unknown = inputSchema;
  for (const key of path) {
    const properties = isJsonObject(schema) ? schema['properties'] : undefined;
    schema = isJsonObject(properties) ? properties[key] : undefined;
  }
  return isJsonObject(schema) && (schema['type'] === 'integer' || schema['type'] === 'number');
}
