import { z } from 'zod';
import { remembrances } from '../../core/approval.ts';
import { choice, count, duration, expects, flag, formatVersion, list, mapping, schemaUrl, text } from './fields.ts';
import { rate } from './rate.ts';

const toolClass = choice(['read', 'write', 'destructive']);

const pattern = text('a pattern', 'write a tool name, with * for any characters').refine(
  (glob) => !glob.startsWith('!'),
  {
    error: ({ input }) =>
      `${JSON.stringify(input)} begins with "!", but patterns have no negation; list the tools that you mean`,
  },
);
const patterns = (meaning: string): z.ZodOptional<z.ZodArray<typeof pattern>> =>
  list(pattern, '["get_*"]')
    .optional()
    .describe(`${meaning} Patterns match whole tool names: * any characters, ? one.`);

const scalar = z.union(
  [z.string(), z.number(), z.boolean(), z.null()],
  expects({ noun: 'a value to compare with', mend: 'write text, a number, true, false or null' }),
);
const alternatives = z.union(
  [scalar, list(scalar, '[create, update]', 1)],
  expects({
    noun: 'a value or a list of values',
    mend: 'write one, such as create, or [create, update]',
  }),
);

const whenSchema = mapping(
  {
    args: z
      .record(z.string(), alternatives, expects({ noun: 'a mapping', mend: 'write { method: [create, update] }' }))
      .refine((args) => Object.keys(args).length > 0, {
        error: 'is empty; name an argument, such as { method: create }',
      })
      .describe('Argument names, each with the value or values that it must have.'),
    class: toolClass.describe('The class of calls whose arguments match.'),
  },
  '{ args: { method: create }, class: write }',
);

const lockSchema = mapping(
  {
    arg: text('the name of an argument', 'write it, such as path').describe(
      'The argument that names the resource; dots reach into objects.',
    ),
    type: choice(['path', 'url', 'id']).prefault('id').describe('How names are compared.'),
    mode: choice(['read', 'write']).optional().describe('Default: by the class of the call.'),
  },
  '{ arg: path, type: path }',
);
const locks = z
  .union(
    [z.literal('none'), list(lockSchema, '[{ arg: path, type: path }], or none', 1)],
    expects({
      noun: 'a list of locks',
      mend: 'write [{ arg: path, type: path }], or none',
    }),
  )
  .describe('What a call holds while it runs. Default: everything of its domain. none: nothing.');
const cacheOrNone = z
  .union(
    [z.literal('none'), duration()],
    expects({ noun: 'a duration from 1ms to 24h', mend: 'write 500ms, 30s or 2m, or none' }),
  )
  .describe(
    'How long a result may be used again for the same call; reads only. Default: that of the policy. none: never.',
  );

const remember = choice(remembrances);

const listOfAnswers = {
  error: ({ input }: { readonly input?: unknown }): string =>
    Array.isArray(input)
      ? 'is an empty list; write ["No matches found"]'
      : expects({ noun: 'a list of texts', mend: 'write ["No matches found"]' }).error({ input }),
};

const toolSchema = mapping(
  {
    class: toolClass.optional().describe('Default: decided by the lists and the hints of the server.'),
    when: list(whenSchema, '[{ args: { method: create }, class: write }]', 1)
      .optional()
      .describe('Classes that depend on arguments; the most dangerous that matches holds.'),
    locks: locks.optional(),
    timeout: duration().optional().describe('Limit of one call, counted while it runs.'),
    idempotent: flag().optional().describe('Whether the same call may be sent twice without harm.'),
    afterUnknown: choice(['skip', 'run'])
      .optional()
      .describe(
        'What becomes of a write where an earlier one of the same key ended without anybody learning whether it took effect, and its batch could not know of that. Default: skip.',
      ),
    barrier: flag()
      .optional()
      .describe(
        'true: a call runs alone in the whole process, beside nothing but tools with locks: none. Outdoes locks.',
      ),
    cache: cacheOrNone.optional(),
    empty: z
      .array(text('a text', 'write it as the tool does'), listOfAnswers)
      .min(1, listOfAnswers)
      .optional()
      .describe(
        'Texts of answers that mean that nothing was found. Read as lines, to run a call for each, they have none.',
      ),
    remember: remember.optional().describe('How far a yes may be remembered. Default: that of the policy.'),
  },
  '{ class: read }',
);

const limitsSchema = mapping(
  {
    maxParallel: count(1, 1000).optional().describe('Calls in flight on this server.'),
    maxParallelWrites: count(1, 1000).optional().describe('Calls in flight on this server that are not reads.'),
    timeout: duration().optional().describe('Limit of one call, counted while it runs.'),
    rate: rate()
      .optional()
      .describe(
        'Calls sent in any second, minute or hour, of batches and by themselves: 5/s, 80/min, 1000/h. The others wait their turn.',
      ),
    retries: count(0, 10)
      .optional()
      .describe(
        'How often a call that may be sent twice is sent again, where its server could not be reached. Default: 2.',
      ),
  },
  '{ maxParallel: 6 }',
);

const namesOf = (example: string): z.ZodOptional<z.ZodArray<ReturnType<typeof text>>> =>
  list(text('a name', `write it, such as ${example}`), `[${example}]`).optional();

/** What ships with the package says what it is for, and how far it can be relied on. */
const subjectSchema = mapping(
  {
    npm: namesOf('"@scope/server"').describe('Packages of npm.'),
    pypi: namesOf('mcp-server-git').describe('Packages of PyPI.'),
    image: namesOf('mcp/git').describe('Container images, without tag.'),
    url: namesOf('https://mcp.example.com').describe('Addresses that the URL of a remote server begins with.'),
  },
  '{ npm: [some-mcp-server] }',
);

const provenSchema = mapping(
  {
    tools: text('a version', 'write npm:PACKAGE@VERSION')
      .optional()
      .describe('The version of the server whose own tool list every rule was held against.'),
    documentation: text('a URL', 'write where the tools are described')
      .optional()
      .describe('Where the tools are described, for a server that could not be started.'),
    date: text('a date', 'write it, such as 2026-11-22').describe('When.'),
  },
  '{ tools: "npm:some-mcp-server@1.2.3", date: 2026-11-22 }',
);

/** A policy file as written, defaults filled in and durations in milliseconds. */
export const policySchema = mapping(
  {
    $schema: schemaUrl(),
    version: formatVersion(),
    server: text('the name of a server', 'write its key in the configuration')
      .optional()
      .describe('The key of the server in the configuration.'),
    for: subjectSchema.optional().describe('The servers that this policy is for, so that init proposes it.'),
    proven: provenSchema.optional().describe('What the rules were held against.'),
    annotations: choice(['trust', 'tighten', 'ignore'])
      .prefault('trust')
      .describe('How far the hints of the server are believed.'),
    unannotated: choice(['write', 'destructive'])
      .prefault('write')
      .describe('What a tool is when neither rule nor hint says.'),
    read: patterns('Tools that only read; they run in parallel.'),
    write: patterns('Tools that change something; they keep their order.'),
    destructive: patterns('Tools that destroy something; they keep their order and need approval.'),
    deny: patterns('Tools that may not be called.'),
    ask: patterns('Tools that need approval.'),
    allow: patterns('Tools that need no approval.'),
    untrusted: patterns('Tools whose results strangers may have written, such as web pages and issues.'),
    private: patterns('Tools whose results are not for everybody.'),
    exfiltrates: patterns('Tools that can let something out, by what they are called with.'),
    remember: remember
      .prefault('none')
      .describe(
        'How far a yes may be remembered, if the person wishes so: none; arguments: an hour for the same arguments; session: for the tool, as long as the client is there.',
      ),
    tools: z
      .record(
        z.string().min(1, { error: 'is empty; write the name of a tool' }),
        toolSchema,
        expects({
          noun: 'a mapping of tool names',
          mend: 'write "NAME:" with class, locks or timeout below it',
        }),
      )
      .optional()
      .describe('Single tools, by exact name.'),
    limits: limitsSchema.prefault({}).describe('Limits of this server; of several the smallest holds.'),
    domain: text('a name', 'write one, such as repo')
      .refine((name) => !name.includes('/'), { error: ({ input }) => explainSlash(String(input)) })
      .optional()
      .describe('Servers with the same domain share one lock space. Default: the name of the server.'),
    retryTimeouts: flag()
      .prefault(false)
      .describe('true: a call that may be sent twice is sent again after a timeout, too.'),
    cache: duration()
      .optional()
      .describe('How long results of reads may be used again for the same call. Default: not at all.'),
    base: text('a folder', 'write a path')
      .optional()
      .describe(
        'What relative paths in arguments are relative to. Itself relative to this file. Default: the cwd of the server.',
      ),
  },
  'version: 1 and lists such as read: ["get_*"]',
).meta({ title: 'mcp-marshal policy of one server' });

function explainSlash(name: string): string {
  const [outer] = name.split('/');
  const joined = name.split('/').filter((part) => part !== '');
  const mend = joined.length === 0 ? 'a name, such as repo' : joined.join('-');
  return `${JSON.stringify(name)} holds "/", and would read as a resource in the domain ${JSON.stringify(outer)}; write ${mend}`;
}
