import { isJsonObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';

/**
 * What Claude Code gives a `PreToolUse` hook on stdin, as far as it matters here.
 *
 * | key               | meaning                                                       | source                          |
 * | ----------------- | ------------------------------------------------------------- | ------------------------------- |
 * | `hook_event_name` | `PreToolUse`                                                  | its documentation: hooks        |
 * | `tool_name`       | of a server's tool `mcp__SERVER__TOOL`                        | the same                        |
 * | `tool_input`      | what the tool is called with                                  | the same                        |
 */
export interface ToolUse {
  event: string;
  tool: string;
  input: JsonObject;
}

/** Reads it; what is wrong with it, where it is no such thing. */
export function readToolUse(text: string): ToolUse | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'what came on stdin is not JSON';
  }
  if (!isJsonObject(value)) return 'what came on stdin is no JSON object';
  const { hook_event_name: event = 'PreToolUse', tool_name: tool, tool_input: input = {} } = value;
  if (typeof event !== 'string' || typeof tool !== 'string') return 'tool_name is missing';
  return isJsonObject(input) ? { event, tool, input } : 'tool_input is no object';
}

/** The decisions that the client takes from a hook. */
export type HookDecision = 'allow' | 'ask' | 'deny';

/** A decision about one call of a tool of ours, or of one entry of a batch. */
export interface JudgedUse {
  id?: string;
  tool: string;
  class?: string;
  decision: HookDecision;
  reason: string;
}

/** The strictest of several decisions; `allow` of none. */
export function strictest(judged: readonly Pick<JudgedUse, 'decision'>[]): HookDecision {
  const has = (decision: HookDecision): boolean => judged.some((one) => one.decision === decision);
  return has('deny') ? 'deny' : has('ask') ? 'ask' : 'allow';
}
