import type { BatchConfig } from '../config/config.ts';
import type { JsonObject } from '../core/json.ts';
import type { Tool } from '../core/tool.ts';

/**
 * `batch_call` and `batch_read` as clients list them. The words are for models, and every client pays for them in every turn:
 * together they stay under 1,000 tokens, and they name only what works.
 */
export function batchTools(settings: BatchConfig): Tool[] {
  const inputSchema = batchSchema(settings);
  // Some clients hide tools until they are searched for; these two are how a model saves turns, so they must be seen.
  const _meta = { 'anthropic/alwaysLoad': true };
  return [
    {
      name: 'batch_read',
      title: 'Run many reads at once',
      description:
        "Run several read-only tool calls in ONE round trip, in parallel. Use it whenever you need two or more lookups that do not need each other's results. Same input and reply as batch_call; if any call is not a read, nothing runs and the reply says which.",
      inputSchema,
      annotations: { title: 'Run many reads at once', readOnlyHint: true },
      _meta,
    },
    {
      name: 'batch_call',
      title: 'Run many calls at once',
      description: [
        'Run several tool calls in ONE round trip. Use it whenever you know two or more calls to make: reads, writes, or both, on any servers.',
        'Calls that touch different things run in parallel; calls that touch the same thing keep the order given, so [write f, read f] reads what was written. No call can use the result of another call of the same batch.',
        "The reply has one result per call, in the order given; a failed call does not stop the others. Each call is checked against the user's policy.",
        'tool: a name from your list of tools, e.g. "github__get_issue", or "github/get_issue". A wrong call returns the tool\'s arguments.',
        'Example: {"calls":[{"tool":"github__get_issue","arguments":{"number":7}},{"tool":"files__read_text_file","arguments":{"path":"a.md"}}]}',
      ].join('\n'),
      inputSchema,
      annotations: {
        title: 'Run many calls at once',
        readOnlyHint: false,
        destructiveHint: true,
        openWorldHint: true,
      },
      _meta,
    },
  ];
}

function batchSchema({ maxCalls, onError, format }: BatchConfig): JsonObject {
  // Upper limits are applied, not demanded: asking for more than there is gets what there is.
  const count = { type: 'integer', minimum: 1 };
  return {
    type: 'object',
    properties: {
      calls: {
        type: 'array',
        minItems: 1,
        maxItems: maxCalls,
        items: {
          type: 'object',
          properties: {
            tool: { type: 'string' },
            arguments: { type: 'object' },
            id: { type: 'string', description: 'label in the reply; default c0, c1, …' },
            timeoutMs: { ...count, description: 'may only shorten' },
            maxChars: { ...count, description: 'cut this result' },
          },
          required: ['tool'],
        },
      },
      parallel: { ...oneOf('prefer', 'avoid', 'none'), description: 'avoid: one at a time, in order' },
      maxParallel: { ...count, description: 'may only lower' },
      onError: { ...oneOf('continue', 'stop'), default: onError },
      deadlineMs: { ...count, description: 'reply by then, with what is finished' },
      maxChars: { ...count, description: 'cut each result' },
      format: { ...oneOf('text', 'structured'), default: format },
    },
    required: ['calls'],
  };
}

function oneOf(...words: string[]): JsonObject {
  return { type: 'string', enum: words };
}
