import type { FoundLogin } from '../../upstream/auth/login/login-store.ts';

/** What is known of the login to one server, for programs. */
export interface LoginRecord {
  server: string;
  state: 'logged in' | 'over' | 'none' | 'unusable';
  issuer?: string;
  scope?: string;
  /** Of the token; a renewed one holds longer. */
  expiresAt?: string;
  /** Whether it is renewed without anybody. */
  isRenewed?: boolean;
}

/** Without anything that is secret. */
export function toLoginRecord(server: string, found: FoundLogin, nowMs: number): LoginRecord {
  if (found.kind !== 'login') return { server, state: found.kind === 'none' ? 'none' : 'unusable' };
  const { issuer, scope, expiresAtMs, refreshToken } = found.login;
  const isRenewed = refreshToken !== undefined;
  const isOver = !isRenewed && expiresAtMs !== undefined && nowMs >= expiresAtMs;
  return {
    server,
    state: isOver ? 'over' : 'logged in',
    issuer,
    ...(scope !== undefined && { scope }),
    ...(expiresAtMs !== undefined && { expiresAt: new Date(expiresAtMs).toISOString() }),
    isRenewed,
  };
}

/** The same in a line for people. */
export function describeLogin({ server, state, expiresAt, isRenewed }: LoginRecord): string {
  const run = `run mcp-marshal login ${server}`;
  if (state === 'none') return `${server}: no login; where it wants one, ${run}`;
  if (state === 'unusable') return `${server}: a login that cannot be used, for another url or broken; ${run}`;
  if (state === 'over') return `${server}: the login is over since ${expiresAt}; ${run}`;
  const until = expiresAt === undefined ? 'until it is taken back' : `until ${expiresAt}`;
  return `${server}: logged in ${isRenewed === true && expiresAt !== undefined ? `${until}, and renewed by itself then` : until}`;
}
