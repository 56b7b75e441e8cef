import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Tool } from '../../core/tool.ts';

/** What of a tool a search looks at, each field weighed by itself. */
export interface ToolText {
  name: string;
  title: string;
  /** The first sentence of the description, which says what the tool does. */
  lead: string;
  /** What comes after it: when to use the tool, what it is not for, examples. */
  description: string;
  arguments: string;
  server: string;
}

/** What a description says of the tool stands at its beginning; what comes after thousands of characters are examples. */
const maxDescriptionChars = 1_500;
const maxTitleChars = 200;
/** Of a first sentence. One that ends earlier is a headline, or "e.g.". */
const leadChars = { min: 30, max: 300 };
/** Of all arguments together. A schema may be as large as a message. */
const maxArgumentChars = 2_000;
const maxArguments = 60;
/** Below the arguments themselves: fields of their objects, and of the elements of their lists. */
const maxLevels = 3;

/** The text of a tool that a search looks at: `name` is the tool's own, without its server. */
export function toolTextOf(tool: Tool, { name, server }: { name: string; server: string }): ToolText {
  const { title = tool.annotations?.title ?? '', description = '' } = tool;
  const text = description.trimStart().slice(0, maxDescriptionChars);
  const leadEnd = endOfLead(text);
  return {
    name: name.slice(0, maxTitleChars),
    title: title.slice(0, maxTitleChars),
    lead: text.slice(0, leadEnd),
    description: text.slice(leadEnd),
    arguments: wordsOfFields(tool.inputSchema, 0).join(' ').slice(0, maxArgumentChars),
    server,
  };
}

function endOfLead(text: string): number {
  const end = text.slice(leadChars.min, leadChars.max).search(/[.!?](?:\s|$)|\n\s*\n/);
  return end < 0 ? leadChars.max : leadChars.min + end + 1;
}

/** Names and descriptions of fields; values of enums too, which are what a tool of many methods can do. */
function wordsOfFields(schema: JsonObject, level: number): string[] {
  const { properties } = schema;
  if (!isJsonObject(properties) || level >= maxLevels) return [];
  return Object.entries(properties)
    .slice(0, maxArguments)
    .flatMap(([name, field]) => [name, ...wordsOfField(field, level)]);
}

function wordsOfField(field: JsonValue | undefined, level: number): string[] {
  if (!isJsonObject(field)) return [];
  const { description, enum: values, items } = field;
  const inner = isJsonObject(items) ? items : field;
  return [
    ...(typeof description === 'string' ? [description.slice(0, maxArgumentChars)] : []),
    ...(Array.isArray(values) ? values.filter((value) => typeof value === 'string').slice(0, maxArguments) : []),
    ...wordsOfFields(inner, level + 1),
  ];
}
