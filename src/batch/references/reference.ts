import type { JsonValue } from '../../core/json.ts';

/** A parsed JSON Pointer (RFC 6901), unescaped. `*` stands for every element of an array; `[]` is the whole value. */
export type Pointer = readonly string[];

/**
 * What of a result a reference means. `json`: its structured content, or its text read as JSON. `text`: its text. `lines`: the lines
 * of its text that are not empty. `raw`: the whole `CallToolResult`.
 */
export const views = ['json', 'text', 'lines', 'raw'] as const;
export type View = (typeof views)[number];

/** `{ "$result": id, path, view, default }`: a value of an earlier call's result. */
export interface Reference {
  id: string;
  pointer: Pointer;
  /** Absent: JSON where there is any, else the text. */
  view?: View;
  /** Stands for a value that is not there. Absent: then the call cannot run. */
  default?: JsonValue;
}

/** One entry of `select`: the reply carries, under this name, what the pointer finds in the result. */
export interface Selection {
  name: string;
  pointer: Pointer;
}
