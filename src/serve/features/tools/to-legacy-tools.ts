import type { Catalog } from '../../../catalog/build-catalog.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.ts';
import type { Tool } from '../../../core/tool.ts';
import type { Engine } from '../../engine.ts';

/**
 * Tools as a legacy client knows them: there an output schema is one of an object, or the client refuses the whole list. Any other
 * schema of a server that is not known to be legacy is wrapped as `{ result: … }`, as results of such tools are (MCP 2026-07-28,
 * SEP-2106). Gives back the same list where there is nothing to wrap.
 */
export function toLegacyTools(engine: Engine, { listed, byExposedName }: Catalog): readonly Tool[] {
  if (!listed.some(hasOtherOutput)) return listed;
  const legacy = new Set(engine.offers().flatMap(({ server, era }) => (era === 'legacy' ? [server] : [])));
  return listed.map((tool) => {
    const server = byExposedName.get(tool.name)?.server;
    if (!hasOtherOutput(tool) || server === undefined || legacy.has(server)) return tool;
    return { ...tool, outputSchema: wrapSchema(tool.outputSchema) };
  });
}

function hasOtherOutput(tool: Tool): tool is Tool & { outputSchema: JsonObject } {
  return isJsonObject(tool.outputSchema) && tool.outputSchema['type'] !== 'object';
}

function wrapSchema(schema: JsonObject): JsonObject {
  const { $schema } = schema;
  return {
    ...($schema !== undefined && { $schema }),
    type: 'object',
    properties: { result: isBase(schema) ? schema : moveReferences(schema) },
    required: ['result'],
  };
}

/** A schema with an id of its own is what references in it are relative to, wherever it stands. */
function isBase({ $id }: JsonObject): boolean {
  return typeof $id === 'string' && !$id.startsWith('#');
}

/** Keywords that hold values, in which `$ref` is a key like any other. */
const valueKeywords = new Set(['const', 'enum', 'default', 'examples']);
/** Keywords that hold schemas by names, which may be those of keywords. */
const namedKeywords = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
  'dependencies',
]);

/** References within the document point to where the schema has gone. Recurses: the lists of tools hold nothing that is nested too deep. */
function moveReferences(schema: JsonObject): JsonObject {
  const moved = Object.entries(schema).map(([keyword, value]): [string, JsonValue | undefined] => {
    if (valueKeywords.has(keyword)) return [keyword, value];
    if (keyword === '$ref' || keyword === '$dynamicRef') return [keyword, moveReference(value)];
    if (!namedKeywords.has(keyword) || !isJsonObject(value)) return [keyword, moveWithin(value)];
    return [keyword, Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, moveWithin(inner)]))];
  });
  return Object.fromEntries(moved);
}

function moveWithin(value: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((inner) => moveWithin(inner) ?? null);
  return isJsonObject(value) && !isBase(value) ? moveReferences(value) : value;
}

/** A pointer into the document moves with it; an anchor is found wherever it stands. */
function moveReference(reference: JsonValue | undefined): JsonValue | undefined {
  if (typeof reference !== 'string' || !(reference === '#' || reference.startsWith('#/'))) return reference;
  return `#/properties/result${reference.slice(1)}`;
}
