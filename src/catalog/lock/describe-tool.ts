import { createHash } from 'node:crypto';
import type { LockedTool } from '../../config/lock/lock-file.ts';
import { canonicalJson, isTooDeep } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Tool } from '../../core/tool.ts';

/** What the lock file says of a tool, part by part: everything by which a person accepted it, and a model is led by. */
export interface ToolDefinition {
  description: { title: string | null; description: string | null };
  schema: { inputSchema: JsonObject; outputSchema: JsonObject | null };
  annotations: JsonObject;
  /** Every other field: clients get it as it is. Absent: the tool has none. */
  rest?: JsonObject;
}

/** A tool's parts, what the first three lack made explicit, so that there is one text for each. */
export function definitionOf(tool: Tool): ToolDefinition {
  const { title, description, inputSchema, outputSchema, annotations } = tool;
  const rest = otherFields(tool);
  return {
    description: { title: title ?? null, description: description ?? null },
    schema: { inputSchema, outputSchema: outputSchema ?? null },
    // A server that has no hint to give may say so with an empty object.
    annotations: { ...annotations },
    ...(Object.keys(rest).length > 0 && { rest }),
  };
}

/** What reaches clients of a tool beside its name, its texts, its schemas and its annotations. */
export function otherFields(tool: Tool): JsonObject {
  const {
    name: _,
    title: __,
    description: ___,
    inputSchema: ____,
    outputSchema: _____,
    annotations: ______,
    ...rest
  } = tool;
  return rest;
}

/** The digests of a tool's parts: equal for definitions that are equal as JSON, whatever the order of their keys. */
export function describeTool(tool: Tool): LockedTool {
  const known = described.get(tool);
  if (known !== undefined) return known;
  const made = digestDefinition(definitionOf(tool));
  described.set(tool, made);
  return made;
}

export function digestDefinition({ description, schema, annotations, rest }: ToolDefinition): LockedTool {
  return {
    description: digestOf(description),
    schema: digestOf(schema),
    annotations: digestOf(annotations),
    ...(rest !== undefined && { rest: digestOf(rest) }),
  };
}

/** The catalogue is built anew with every change of any server, mostly from the same tools, which nobody changes. */
const described = new WeakMap<Tool, LockedTool>();

/** Of what is deeper than any tool that is listed, a digest that no lock file can hold. */
function digestOf(part: JsonObject): string {
  if (isTooDeep(part)) return 'too deep';
  return `sha256-${createHash('sha256').update(canonicalJson(part)).digest('base64')}`;
}
