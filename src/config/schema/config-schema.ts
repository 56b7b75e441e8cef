import { z } from 'zod';
import { recipePrefix, recipeServer, surfaces } from '../../core/tool.ts';
import {
  childText,
  choice,
  count,
  duration,
  expects,
  flag,
  formatVersion,
  list,
  mapping,
  schemaUrl,
  text,
} from './fields.ts';
import { approvalsSchema, authSchema, flowSchema, lockSchema, upstreamAuthSchema } from './access-schema.ts';
import { limitsSchema } from './limits-schema.ts';
import { telemetrySchema } from './telemetry-schema.ts';
import { recipesSchema } from './recipe-schema.ts';

const parallel = choice(['prefer', 'avoid', 'none']);
const childTexts = (example: string): z.ZodRecord<z.ZodString, ReturnType<typeof childText>> =>
  z.record(z.string(), childText(), expects({ noun: 'a mapping', mend: `write ${example}`, hidden: true }));

/** Names are part of the names of tools (`server__tool`), which models may write with these characters only. */
const serverName = z
  .string()
  .regex(/^(?!constructor$|prototype$|[Rr][Ee][Cc][Ii][Pp][Ee]$)(?!.*__)(?!.*_$)[A-Za-z0-9_-]{1,40}$/, {
    error: ({ input }) => `${JSON.stringify(input)} cannot name a server; ${mendOfName(String(input))}`,
  });

/** One entry of `servers`, as written; variables are not expanded yet. */
export const serverSchema = mapping(
  {
    command: text('a command', 'write the program to start, such as npx')
      .optional()
      .describe(
        'The program to start (stdio). Variables such as ${VAR} and ${VAR:-default} are expanded; $${VAR} stays ${VAR}.',
      ),
    args: list(childText(), '[-y, some-mcp-server]')
      .optional()
      .describe('Arguments of the command. Variables are expanded.'),
    env: childTexts('{ NAME: value }')
      .optional()
      .describe('Environment variables of the program. Variables are expanded.'),
    cwd: text('a folder', 'write a path, such as .')
      .optional()
      .describe('Where the program starts, relative to this file. Default: where mcp-marshal was started.'),
    type: choice(['stdio', 'http', 'streamable-http', 'streamableHttp', 'sse'])
      .optional()
      .describe('How to reach the server. Default: stdio with command, http (Streamable HTTP) with url.'),
    url: text('a URL', 'write https://host/path')
      .optional()
      .describe('Address of a remote server. Variables are expanded.'),
    headers: childTexts('{ Authorization: "Bearer ${TOKEN}" }')
      .optional()
      .describe('HTTP headers sent with every request. Variables are expanded.'),
    auth: upstreamAuthSchema.optional().describe('OAuth towards a remote server, where a header is not enough.'),
    policy: text('a policy', 'write a file, or builtin:NAME')
      .optional()
      .describe('A policy file, relative to this file, or builtin:NAME for one that ships with mcp-marshal.'),
    timeout: duration()
      .optional()
      .describe(
        'Limit of one call, counted while it runs: 500ms, 30s, 2m. Default: 2m in a batch, none for a call of its own.',
      ),
    maxParallel: count(1, 1000).optional().describe('Calls in flight on this server. Default: 8.'),
    parallel: parallel.prefault('none').describe('avoid: the calls of this server run one at a time.'),
    enabled: flag().prefault(true).describe('false: the server is not started.'),
  },
  'command: npx (or url: https://host/path)',
).meta({
  title: 'Server',
  description: 'One MCP server: a program (command) or an address (url).',
  oneOf: [{ required: ['command'] }, { required: ['url'] }],
});

const servers = z.record(
  serverName,
  serverSchema,
  expects({ noun: 'a mapping of names to servers', mend: 'write "NAME:" with command or url below it' }),
);

/** The key `batch`, as written. */
export const batchSchema = mapping(
  {
    maxCalls: count(1, 1000).prefault(100).describe('Calls in one batch, at most.'),
    maxParallel: count(1, 1000).prefault(8).describe('Calls in flight per batch.'),
    deadline: duration().prefault('50s').describe('The reply leaves by then, with what is finished.'),
    background: z
      .union(
        [z.literal('none'), duration()],
        expects({ noun: 'a duration from 1ms to 24h', mend: 'write 10m, or none' }),
      )
      .prefault('10m')
      .describe(
        'How long a batch may go on after its reply has left; batch_await has the rest. none: it ends with its reply.',
      ),
    parallel: parallel
      .prefault('prefer')
      .describe('prefer: whatever is safe runs in parallel; avoid: one call at a time; none: no preference.'),
    onError: choice(['continue', 'stop']).prefault('continue').describe('What the calls after a failed one do.'),
    maxReplyChars: count(1000, 1_000_000).prefault(40_000).describe('Characters of one reply, at most.'),
    format: choice(['text', 'structured']).prefault('text').describe('The form of a reply.'),
  },
  '{ maxParallel: 8 }',
);

const levels = choice(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']);
const logSchema = mapping(
  {
    level: levels.prefault('info').describe('The least serious lines that are written.'),
    format: choice(['json', 'pretty']).prefault('json').describe('pretty is for a terminal.'),
  },
  '{ level: info, format: json }',
);

/** The key `journal`, as written. */
export const journalSchema = mapping(
  {
    enabled: flag().prefault(true).describe('false: nothing is recorded, and idempotency keys are refused.'),
    file: text('a file', 'write a path, such as journal.db')
      .optional()
      .describe('One file, for one process at a time. Default: one in the state folder that no other process holds.'),
    arguments: choice(['digest', 'full'])
      .prefault('digest')
      .describe("full: calls' arguments are kept as they are, secrets and all."),
    keepDays: count(1, 3650).prefault(30).describe('How long records are kept, in days.'),
    maxBytes: count(1_000_000, 10_000_000_000).prefault(256_000_000).describe('Size of the file; the oldest go first.'),
  },
  '{ keepDays: 30 }',
);

/** A configuration as written, defaults filled in and durations in milliseconds. */
export const configSchema = mapping(
  {
    $schema: schemaUrl(),
    version: formatVersion(),
    envFile: text('a file', 'write a path, such as .env')
      .optional()
      .describe(
        'A file of NAME=value lines for variables that the environment does not set. Not passed to servers by itself.',
      ),
    servers: servers.optional().describe('The MCP servers, by name.'),
    mcpServers: servers.optional().describe('The same as servers.'),
    batch: batchSchema.prefault({}).describe('How batches run.'),
    journal: journalSchema.prefault({}).describe('The record of what was sent and how it ended.'),
    limits: limitsSchema
      .prefault({})
      .describe('How much of everything there may be, against overload; see docs/limits.md.'),
    approvals: approvalsSchema.prefault({}).describe('When a person is asked about a call, and where.'),
    auth: authSchema.prefault({}).describe('Who is served over HTTP.'),
    lock: lockSchema()
      .prefault('marshal.lock')
      .describe(
        'The lock file, relative to this file: where it is there, tools that differ from it are not called. none: it is not looked at.',
      ),
    flow: flowSchema
      .optional()
      .describe(
        'A call of a tool marked exfiltrates, after one marked untrusted and one marked private. Default: no rule.',
      ),
    recipes: recipesSchema.optional().describe('Batches with parameters, by name; each is a tool recipe__NAME.'),
    maxParallel: count(1, 1024).prefault(32).describe('Calls in flight in the whole process.'),
    surface: choice(surfaces)
      .prefault('passthrough')
      .describe(
        'Which tools a client sees. passthrough: all; find: the batch tools and tools_find, all others can be called; batch-only: the same, and all others can be called in batches only.',
      ),
    maxDescriptionChars: count(80, 100_000)
      .optional()
      .describe(
        'Characters of the description of a tool that clients see, at most; shortened at ends of sentences. Default: as its server wrote it.',
      ),
    telemetry: telemetrySchema
      .prefault({})
      .describe('Metrics for Prometheus. Traces and metrics over OTLP are switched on by OTEL_* variables.'),
    naming: choice(['prefixed', 'bare'])
      .prefault('prefixed')
      .describe('prefixed: server__tool; bare: only where names do not collide.'),
    log: logSchema.prefault({}).describe('The log, on stderr.'),
    stateDir: text('a folder', 'write a path, such as ~/.local/state/mcp-marshal')
      .optional()
      .describe('Where state is kept. Default: $XDG_STATE_HOME/mcp-marshal, or ~/.local/state/mcp-marshal.'),
  },
  'version: 1 and servers:',
).meta({
  title: 'mcp-marshal configuration',
  oneOf: [{ required: ['servers'] }, { required: ['mcpServers'] }],
});

function mendOfName(name: string): string {
  if (name === '') return 'write a name';
  if (name.length > 40) return `it has ${name.length} characters; write at most 40`;
  if (name.includes('__') || name.endsWith('_'))
    return 'the name of a tool is SERVER__TOOL, so write it without "__" and without "_" at the end';
  if (name === 'constructor' || name === 'prototype') return 'choose another name';
  if (name.toLowerCase() === recipeServer) return `recipes are the tools ${recipePrefix}NAME; choose another name`;
  return 'write letters, digits, "-" and "_" only';
}
