import { randomBytes } from 'node:crypto';
import { toolClasses, type ToolClass } from '../../core/tool.ts';
import { editTokenFile } from './edit-token-file.ts';
import { hashToken, maxTokens, tokenPrefix, type TokenRecord } from './token-record.ts';

/** As many as no computer will ever guess. */
const secretBytes = 32;

export interface NewToken {
  /** One that `isTokenName` takes. */
  name: string;
  scopes: readonly ToolClass[];
  /** Milliseconds since the epoch. */
  createdMs: number;
  /** Absent: never. */
  expiresMs?: number;
}

/** Makes a token and keeps its hash. What comes back is the only time that it is seen. Rejects where the folder cannot be written. */
export async function createToken(
  stateDir: string,
  { name, scopes, createdMs, expiresMs }: NewToken,
): Promise<{ ok: true; token: string; record: TokenRecord } | { ok: false; problem: string }> {
  const token = tokenPrefix + randomBytes(secretBytes).toString('base64url');
  const record: TokenRecord = {
    name,
    scopes: toolClasses.filter((known) => scopes.includes(known)),
    createdMs,
    ...(expiresMs !== undefined && { expiresMs }),
    sha256: hashToken(token).toString('hex'),
  };
  const edited = await editTokenFile(stateDir, (tokens) => {
    // The name of one that has run out may be given again: it lets nobody in.
    const others = tokens.filter((other) => other.name !== name || !hasExpired(other, createdMs));
    if (others.some((other) => other.name === name)) {
      return { ok: false, problem: `there is a token ${name} already; revoke it first, or take another name` };
    }
    if (others.length >= maxTokens) return { ok: false, problem: `there are ${maxTokens} tokens already; revoke some` };
    return { ok: true, tokens: [...others, record] };
  });
  return edited.ok ? { ok: true, token, record } : edited;
}

function hasExpired({ expiresMs }: TokenRecord, nowMs: number): boolean {
  return expiresMs !== undefined && expiresMs <= nowMs;
}
