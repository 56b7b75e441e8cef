import type { JsonObject, JsonValue } from './json.ts';

/** What a call of a tool may do, from the least dangerous to the most: reads may overlap; writes keep their order; destructive calls need approval as well. */
export const toolClasses = ['read', 'write', 'destructive'] as const;
export type ToolClass = (typeof toolClasses)[number];

/** The more dangerous of two classes. */
export function worseClass(a: ToolClass, b: ToolClass): ToolClass {
  return toolClasses.indexOf(a) >= toolClasses.indexOf(b) ? a : b;
}

/** An upstream's hints about a tool (MCP `ToolAnnotations`). Hints, not promises: policy decides how far they are believed. */
export interface Annotations {
  title?: string;
  readOnlyHint?: boolean;
  destructiveHint?: boolean;
  idempotentHint?: boolean;
  openWorldHint?: boolean;
  [other: string]: JsonValue | undefined;
}

/** A tool as its upstream lists it. Fields that we do not know are kept, so that a client sees what the upstream said. */
export interface Tool {
  name: string;
  title?: string;
  description?: string;
  inputSchema: JsonObject;
  outputSchema?: JsonObject;
  annotations?: Annotations;
  _meta?: JsonObject;
  [other: string]: JsonValue | Annotations | undefined;
}

/** Recipes are listed like the tools of a server with this name, so no server may have it. */
export const recipeServer = 'recipe';
/** What the name of every recipe begins with. */
export const recipePrefix = `${recipeServer}__`;

/** Which tools a client sees: all; or the batch tools and `tools_find`, the others callable by their names, or in batches only. */
export const surfaces = ['passthrough', 'find', 'batch-only'] as const;
export type Surface = (typeof surfaces)[number];
