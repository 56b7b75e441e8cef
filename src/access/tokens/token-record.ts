import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { toolClasses, type ToolClass } from '../../core/tool.ts';

/** What is kept of a token: everything but the token. */
export interface TokenRecord {
  name: string;
  /** Each once, in the order of `toolClasses`. */
  scopes: readonly ToolClass[];
  /** Milliseconds since the epoch. */
  createdMs: number;
  /** Absent: never. */
  expiresMs?: number;
  /** SHA-256 of the token, hexadecimal. A token is 256 random bits, which no slower function would protect any better. */
  sha256: string;
}

/** A name whose token was taken back of late. */
export interface RevokedName {
  name: string;
  /** Milliseconds since the epoch. */
  revokedMs: number;
}

/** What every token of ours begins with, so that people and scanners of secrets know one when they see it. */
export const tokenPrefix = 'mmt_';

/** One for every person and program that one proxy serves; each is compared with at every request. */
export const maxTokens = 1000;

export function tokenFileIn(stateDir: string): string {
  return join(stateDir, 'tokens.json');
}

/** Names stand in logs, in the journal and on command lines. */
export function isTokenName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name);
}

export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** The file's text. */
export function renderTokens(tokens: readonly TokenRecord[], revoked: readonly RevokedName[] = []): string {
  const shown = tokens.map(({ name, scopes, createdMs, expiresMs, sha256 }) => ({
    name,
    scopes,
    created: new Date(createdMs).toISOString(),
    ...(expiresMs !== undefined && { expires: new Date(expiresMs).toISOString() }),
    sha256,
  }));
  const names = revoked.map(({ name, revokedMs }) => ({ name, at: new Date(revokedMs).toISOString() }));
  const file = { version: 1, tokens: shown, ...(names.length > 0 && { revoked: names }) };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** The tokens of a file's text; nothing where any part of it is not as we write it, for then none of it can be relied on. */
export function parseTokens(text: string): { tokens: TokenRecord[]; revoked: RevokedName[] } | undefined {
  const file = parseJson(text);
  if (!isJsonObject(file) || file['version'] !== 1 || !Array.isArray(file['tokens'])) return undefined;
  const written = file['tokens'];
  const tokens = written.flatMap((entry) => (isJsonObject(entry) ? (toRecord(entry) ?? []) : []));
  const isWhole = tokens.length === written.length && tokens.length <= maxTokens;
  const revoked = toRevoked(file['revoked']);
  if (!isWhole || revoked === undefined || new Set(tokens.map(({ name }) => name)).size < tokens.length)
    return undefined;
  return { tokens, revoked };
}

function toRevoked(written: unknown = []): RevokedName[] | undefined {
  if (!Array.isArray(written)) return undefined;
  const names = written.flatMap((entry) => {
    const { name, at } = isJsonObject(entry) ? entry : {};
    const revokedMs = toMs(at);
    return typeof name === 'string' && isTokenName(name) && revokedMs !== undefined ? [{ name, revokedMs }] : [];
  });
  return names.length === written.length ? names : undefined;
}

function toRecord({ name, scopes, created, expires, sha256 }: JsonObject): TokenRecord | undefined {
  if (typeof name !== 'string' || !isTokenName(name)) return undefined;
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return undefined;
  if (!Array.isArray(scopes) || !scopes.every((scope) => toolClasses.some((known) => known === scope)))
    return undefined;
  const createdMs = toMs(created);
  const expiresMs = toMs(expires);
  if (createdMs === undefined || (expires !== undefined && expiresMs === undefined)) return undefined;
  const held = toolClasses.filter((known) => scopes.includes(known));
  return { name, scopes: held, createdMs, sha256, ...(expiresMs !== undefined && { expiresMs }) };
}

function toMs(written: unknown): number | undefined {
  const ms = typeof written === 'string' ? Date.parse(written) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
