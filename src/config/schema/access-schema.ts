import { z } from 'zod';
import { childText, choice, count, duration, flag, list, mapping, text } from './fields.ts';
import { rate } from './rate.ts';

const deciding = choice(['ask', 'allow', 'deny']);

/** The key `approvals`, as written. */
export const approvalsSchema = mapping(
  {
    batch: deciding.prefault('ask').describe('A destructive call in a batch that no rule decides.'),
    passthrough: deciding
      .prefault('allow')
      .describe('A destructive call by itself that no rule decides: the client asks its own user about it.'),
    expires: duration().prefault('10m').describe('How long a question waits for its answer, and a yes for its call.'),
    queue: flag()
      .prefault(true)
      .describe('Whether questions that a client cannot put to its user wait for mcp-marshal approvals.'),
  },
  '{ expires: 10m }',
);

const url = (example: string): z.ZodString =>
  text('a URL', `write ${example}`).refine((written) => /^https?:\/\//.test(written) && URL.canParse(written), {
    error: ({ input }) => `${JSON.stringify(input)} is not a URL; write ${example}`,
  });

const jwtSchema = mapping(
  {
    issuer: url('https://login.example.com').describe('Who signs them: the claim iss, exactly.'),
    audience: text('an audience', 'write what the claim aud holds, such as the URL of this server').describe(
      'The claim aud: tokens for others are refused.',
    ),
    jwks: url('https://login.example.com/jwks.json')
      .optional()
      .describe("The issuer's public keys. Default: where its metadata says, at the issuer's own origin."),
    scopesClaim: text('the name of a claim', 'write scope')
      .prefault('scope')
      .describe('The claim that holds read, write and destructive, as words or as a list.'),
  },
  '{ issuer: "https://…", audience: … }',
);

const tlsSchema = mapping(
  {
    cert: text('a file', 'write a path, such as cert.pem').describe(
      'Certificate and chain (PEM), relative to this file.',
    ),
    key: text('a file', 'write a path, such as key.pem').describe('Its private key (PEM), relative to this file.'),
  },
  '{ cert: cert.pem, key: key.pem }',
);

const principalLimitsSchema = mapping(
  {
    rate: rate().optional().describe('Calls and batches of one principal: 5/s, 80/min, 1000/h. Default: no limit.'),
    maxParallel: count(1, 1000).prefault(64).describe('Calls and batches of one principal at once; more are refused.'),
  },
  '{ rate: 80/min }',
);

/** The key `auth`, as written. */
export const authSchema = mapping(
  {
    tokens: flag().prefault(true).describe('Whether tokens of mcp-marshal token create are accepted.'),
    jwt: jwtSchema.optional().describe('JSON Web Tokens of an issuer. Default: none are accepted.'),
    tls: tlsSchema.optional().describe('TLS by file. Default: none; let a proxy in front do it.'),
    url: url('https://marshal.example.com/mcp')
      .optional()
      .describe(
        'Where clients find the endpoint, where that is not where it listens: behind a proxy, or under a name.',
      ),
    origins: list(url('https://app.example.com'), '["https://app.example.com"]')
      .prefault([])
      .describe('Web pages that may call, beside those of this machine.'),
    limits: principalLimitsSchema
      .prefault({})
      .describe('Of each principal: the name of a token, or the subject of a JWT.'),
  },
  '{ tokens: true }',
);

/** The key `lock`, as written. */
export function lockSchema(): z.ZodString {
  return text('a file', 'write a path, such as marshal.lock, or none');
}

/** The key `flow`, as written. */
export const flowSchema = mapping(
  {
    action: choice(['ask', 'deny']).prefault('ask').describe('What is done with the call.'),
    within: choice(['session', 'batch'])
      .prefault('session')
      .describe('What counts as before: all that the client has called, or the same batch.'),
  },
  '{ action: ask }',
);

/** The key `auth` of a server, as written; variables are not expanded yet. */
export const upstreamAuthSchema = mapping(
  {
    type: choice(['oauth', 'client_credentials'])
      .prefault('oauth')
      .describe('oauth: a person logs in once, with mcp-marshal login; client_credentials: the program itself.'),
    clientId: childText().optional().describe('As registered. Default: mcp-marshal registers itself.'),
    clientSecret: childText().optional().describe('Variables are expanded: write ${SECRET}.'),
    scope: text('scopes', 'write them with spaces between').optional().describe('What to ask for.'),
    issuer: url('https://login.example.com')
      .optional()
      .describe("The authorization server, where that is at another origin than the server's own."),
  },
  '{ type: oauth }',
);
