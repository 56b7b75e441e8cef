import type { z } from 'zod';
import type { ApprovalsConfig, AuthConfig } from './config.ts';
import type { Policy } from './policy.ts';
import type { approvalsSchema, authSchema } from './schema/access-schema.ts';

/** The normal form of the key `approvals`. What it says of destructive calls is part of every policy. */
export function toApprovals({ expires, queue }: z.output<typeof approvalsSchema>): ApprovalsConfig {
  return { expiresMs: expires, queue };
}

/** What the key `approvals` says of destructive calls that no rule decides. */
export function toUnruled({ batch, passthrough }: z.output<typeof approvalsSchema>): Policy['unruled'] {
  return { batch, passthrough };
}

/** The normal form of the key `auth`. `resolve` makes a path absolute. */
export function toAuth(
  { tokens, jwt, tls, url, origins, limits }: z.output<typeof authSchema>,
  resolve: (file: string) => string,
): AuthConfig {
  const { rate, maxParallel } = limits;
  return {
    tokens,
    origins,
    limits: { maxParallel, ...(rate !== undefined && { rate }) },
    ...(url !== undefined && { url }),
    ...(tls !== undefined && { tls: { cert: resolve(tls.cert), key: resolve(tls.key) } }),
    ...(jwt !== undefined && {
      jwt: {
        issuer: jwt.issuer,
        audience: jwt.audience,
        scopesClaim: jwt.scopesClaim,
        ...(jwt.jwks !== undefined && { jwks: jwt.jwks }),
      },
    }),
  };
}
