import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Tool } from '../../core/tool.ts';
import { dotlessName, shortName } from '../exposed-names.ts';
import type { CatalogEntry } from '../build-catalog.ts';
import { trimDescription } from './trim-description.ts';

/** What a client, or its user, wants tools to be held to. Absent: to nothing. */
interface Presentation {
  maxNameChars?: number | undefined;
  refusesDots?: boolean | undefined;
  /** Of each description: the tool's, and those in its schemas. */
  maxDescriptionChars?: number | undefined;
}

/** A tool as it is listed, held to what its client takes. Equal asks get the same object, and who asks for nothing gets the tool as it is. */
export function presentTool(tool: Tool, entry: CatalogEntry, wanted: Presentation): Tool {
  const { maxNameChars = Infinity, refusesDots = false, maxDescriptionChars } = wanted;
  const name = refusesDots ? dotlessName(entry) : shortName(entry, maxNameChars);
  if (name === tool.name && maxDescriptionChars === undefined) return tool;
  const key = `${name}/${maxDescriptionChars ?? ''}`;
  const forms = presented.get(tool) ?? new Map<string, Tool>();
  presented.set(tool, forms);
  const known = forms.get(key);
  if (known !== undefined) return known;
  const trimmed = maxDescriptionChars === undefined ? tool : trimTool(tool, maxDescriptionChars);
  const form = name === tool.name ? trimmed : { ...trimmed, name };
  forms.set(key, form);
  return form;
}

// Lists are read page by page, and kept: a tool that has not changed is to be the same object. There are as many forms as limits of clients.
const presented = new WeakMap<Tool, Map<string, Tool>>();

function trimTool(tool: Tool, maxChars: number): Tool {
  const { description, inputSchema, outputSchema } = tool;
  return {
    ...tool,
    ...(description !== undefined && { description: trimDescription(description, maxChars) }),
    inputSchema: trimSchema(inputSchema, maxChars),
    ...(outputSchema !== undefined && { outputSchema: trimSchema(outputSchema, maxChars) }),
  };
}

/** Keywords that hold values, in which `description` is a key like any other. */
const valueKeywords = new Set(['const', 'enum', 'default', 'examples']);

/** Recurses: the lists of tools hold nothing that is nested too deep. */
function trimSchema(schema: JsonObject, maxChars: number): JsonObject {
  const trim = (value: JsonValue | undefined): JsonValue | undefined => {
    if (Array.isArray(value)) return value.map((inner) => trim(inner) ?? null);
    return isJsonObject(value) ? trimSchema(value, maxChars) : value;
  };
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      if (keyword === 'description' && typeof value === 'string') return [keyword, trimDescription(value, maxChars)];
      return [keyword, valueKeywords.has(keyword) ? value : trim(value)];
    }),
  );
}
