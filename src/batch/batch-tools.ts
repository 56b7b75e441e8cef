import type { BatchConfig } from '../config/config.ts';
import type { JsonObject } from '../core/json.ts';
import { whens } from '../core/plan.ts';
import type { Surface, Tool } from '../core/tool.ts';

/**
 * `batch_read`, `batch_call`, `batch_await` and `batch_cancel` as clients list them. The words are for models, and every client pays for them in
 * every turn: together they stay under 1,000 tokens, are said once (in `batch_call`), and name only what works.
 */
export function batchTools(settings: BatchConfig, surface: Surface = 'passthrough'): Tool[] {
  const _meta = ownToolMeta(settings);
  const tools: Tool[] = [
    {
      name: 'batch_read',
      title: 'Run many reads at once',
      description:
        'batch_call for reads only: same fields, references, reply. Use it for two or more lookups. If a call is no read, nothing runs.',
      inputSchema: readSchema(),
      annotations: { readOnlyHint: true },
    },
    {
      name: 'batch_call',
      title: 'Run many calls at once',
      description: callWords(surface === 'passthrough' ? 'your tool list' : 'tools_find'),
      inputSchema: callSchema(settings),
      annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
    },
    {
      name: 'batch_await',
      title: 'Wait for a batch, or read the rest of it',
      description:
        'Waits for pending calls, or one (id). Reads the rest of a cut result: id, offset = characters you have.',
      inputSchema: awaitSchema(),
      annotations: { readOnlyHint: true },
    },
    {
      name: 'batch_cancel',
      title: 'Cancel a batch',
      description: 'Cancels pending calls.',
      inputSchema: {
        type: 'object',
        properties: { batchId: text, ids: { type: 'array', items: text } },
        required: ['batchId'],
      },
      annotations: { destructiveHint: false },
    },
  ];
  return tools.map((tool) => ({ ...tool, _meta }));
}

/** Each example is a whole input, and goes on to the end of its line. `namesFrom`: where a model finds the names of tools. */
const callWords = (namesFrom: string): string =>
  [
    'Run several tool calls in ONE round trip: two or more, also when one needs the result of another: refer to it instead of waiting.',
    'Calls that touch different things run in parallel, others in the order given. A failed call stops no other unless onError is "stop".',
    `tool: a name from ${namesFrom}. A wrong call returns the tool's arguments.`,
    'A reference stands in arguments as a whole value: {"$result":"ID of an earlier call","path":"/items/0/name"}. path: JSON Pointer into the JSON that the tool returned (never /content/…); "*" = every element; no path = all. "view":"lines" = a text answer\'s lines as an array, "text" = its whole text. "default": value if nothing is there. No templates in strings: {"$concat":["a/",REFERENCE]}. {"$literal":X} = X as is.',
    'Chain: {"calls":[{"id":"s","tool":"github__search_issues","arguments":{"query":"crash"}},{"id":"i","tool":"github__get_issue","arguments":{"number":{"$result":"s","path":"/items/0/number"}}},{"tool":"files__write_file","arguments":{"path":"crash.md","content":{"$result":"i","view":"text"}}}]}',
    'forEach runs a call once per array element; {"$item":""} is the element, {"$item":"/f"} its field: {"calls":[{"id":"f","tool":"files__search_files","arguments":{"path":".","pattern":"*.md"}},{"tool":"files__read_text_file","forEach":{"$result":"f","view":"lines"},"arguments":{"path":{"$item":""}}}]}',
  ].join('\n');

function callSchema({ maxCalls, onError }: BatchConfig): JsonObject {
  return {
    type: 'object',
    properties: {
      calls: {
        type: 'array',
        maxItems: maxCalls,
        items: {
          type: 'object',
          properties: {
            tool: text,
            arguments: object,
            id: { ...text, description: 'default c0, c1, …' },
            dependsOn: {
              type: 'array',
              items: { anyOf: [text, { ...object, properties: { id: text, when: oneOf(...whens) } }] },
              description: 'ids to run after; references imply it',
            },
            // The form of a reference is in the words: some model APIs refuse a property whose name holds a "$".
            forEach: { ...object, description: 'a reference to an array' },
            select: { ...object, description: 'name → path to show' },
            timeoutMs: count,
            maxChars: count,
          },
          required: ['tool'],
        },
      },
      parallel: { ...oneOf('prefer', 'avoid', 'none'), description: 'avoid: one at a time' },
      maxParallel: count,
      onError: { ...oneOf('continue', 'stop'), ...(onError === 'stop' && { default: onError }) },
      mode: { ...oneOf('run', 'plan'), description: 'plan: run nothing' },
      deadlineMs: count,
      idempotencyKey: text,
      maxChars: { ...count, description: 'per result' },
      format: oneOf('text', 'structured'),
    },
    required: ['calls'],
  };
}

function readSchema(): JsonObject {
  const items = {
    type: 'object',
    properties: { tool: text, arguments: object, id: text, forEach: object },
    required: ['tool'],
  };
  return { type: 'object', properties: { calls: { type: 'array', items } }, required: ['calls'] };
}

function awaitSchema(): JsonObject {
  return {
    type: 'object',
    properties: {
      batchId: text,
      id: { ...text, description: 'c2 or c2[0]' },
      offset: count,
      maxChars: count,
      timeoutMs: count,
    },
    required: ['batchId'],
  };
}

const text = { type: 'string' };
const object = { type: 'object' };
const count = { type: 'integer' };

function oneOf(...words: string[]): JsonObject {
  return { type: 'string', enum: words };
}

// Claude Code's own limit without the field; the field itself ends at the other.
const [defaultResultChars, maxResultChars] = [50_000, 500_000];

/** A reply that fits the configured budget is to reach the model, and not a file: dense text has few characters a token. */
export function resultSizeMeta({ maxReplyChars }: BatchConfig): JsonObject {
  return { 'anthropic/maxResultSizeChars': Math.min(Math.max(maxReplyChars, defaultResultChars), maxResultChars) };
}

/** What our own tools tell clients of themselves. */
export function ownToolMeta(settings: BatchConfig): JsonObject {
  // Some clients hide tools until they are searched for; these are how a model saves turns, so they must be seen.
  return { 'anthropic/alwaysLoad': true, ...resultSizeMeta(settings) };
}
