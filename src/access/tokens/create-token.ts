import { randomBytes } from 'node:crypto';
import { toolClasses, type ToolClass } from '../../core/tool.ts';
import { editTokenFile } from './edit-token-file.ts';
import { hashToken, maxTokens, tokenPrefix, type TokenRecord } from './token-record.ts';

/** As many as no computer will ever guess. */
const secretBytes = 32;

/**
 * For so long the name of a revoked token is kept from others: who has it is the owner of the batches, keys and approvals that were
 * kept for it, none of which lasts longer.
 */
const reservedMs = 24 * 3_600_000;

export interface NewToken {
  /** One that `isTokenName` takes. */
  name: string;
  scopes: readonly ToolClass[];
  /** Milliseconds since the epoch. */
  createdMs: number;
  /** Absent: never. */
  expiresMs?: number;
  /** It is for the same person or program as the revoked one of its name. */
  isReuse?: boolean;
}

/** Makes a token and keeps its hash. What comes back is the only time that it is seen. Rejects where the folder cannot be written. */
export async function createToken(
  stateDir: string,
  { name, scopes, createdMs, expiresMs, isReuse = false }: NewToken,
): Promise<{ ok: true; token: string; record: TokenRecord } | { ok: false; problem: string }> {
  const token = tokenPrefix + randomBytes(secretBytes).toString('base64url');
  const record: TokenRecord = {
    name,
    scopes: toolClasses.filter((known) => scopes.includes(known)),
    createdMs,
    ...(expiresMs !== undefined && { expiresMs }),
    sha256: hashToken(token).toString('hex'),
  };
  const edited = await editTokenFile(stateDir, ({ tokens, revoked }) => {
    // The name of one that has run out may be given again: it lets nobody in.
    const others = tokens.filter((other) => other.name !== name || !hasExpired(other, createdMs));
    if (others.some((other) => other.name === name)) {
      return { ok: false, problem: `there is a token ${name} already; revoke it first, or take another name` };
    }
    if (others.length >= maxTokens) return { ok: false, problem: `there are ${maxTokens} tokens already; revoke some` };
    const reserved = revoked.filter(({ revokedMs }) => createdMs - revokedMs < reservedMs);
    if (!isReuse && reserved.some((other) => other.name === name)) {
      return {
        ok: false,
        problem: `the token ${name} was revoked less than a day ago, and whoever has its name has what was kept for it; take another name, or write --reuse where it is for the same person or program`,
      };
    }
    return { ok: true, tokens: [...others, record], revoked: reserved.filter((other) => other.name !== name) };
  });
  return edited.ok ? { ok: true, token, record } : edited;
}

function hasExpired({ expiresMs }: TokenRecord, nowMs: number): boolean {
  return expiresMs !== undefined && expiresMs <= nowMs;
}
