import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthenticator } from '../../../../src/access/authenticator.ts';
import { createToken, type NewToken } from '../../../../src/access/tokens/create-token.ts';
import type { AuthConfig } from '../../../../src/config/config.ts';
import type { ToolClass } from '../../../../src/core/tool.ts';
import { createMonotonicClock } from '../../../../src/lib/monotonic-clock.ts';
import type { HttpListenerOptions } from '../../../../src/serve/http/http-listener.ts';
import { silent } from '../../../upstream/support.ts';
import { startListener, type StubListener } from '../support.ts';

export interface GuardedListener extends StubListener {
  stateDir: string;
  /** Makes a token and gives the header that shows it. */
  token(name: string, own?: { scopes?: readonly ToolClass[]; expiresMs?: number }): Promise<{ authorization: string }>;
}

export interface GuardedOptions extends Omit<Partial<HttpListenerOptions>, 'auth'> {
  auth?: Partial<AuthConfig>;
  now?: () => number;
}

/** A listener that lets in who has a token, or a JWT of the issuer that `auth` names. Time is the real one. */
export async function startGuarded({
  auth: own,
  now = Date.now,
  ...options
}: GuardedOptions = {}): Promise<GuardedListener> {
  const stateDir = mkdtempSync(join(tmpdir(), 'guarded-'));
  const auth: AuthConfig = { tokens: true, origins: [], limits: { maxParallel: 64 }, ...own };
  const clock = createMonotonicClock();
  const authenticate = createAuthenticator({ auth, stateDir, clock, now, logger: silent });
  const stub = await startListener({ clock, auth, authenticate, ...options });
  return {
    ...stub,
    stateDir,
    async token(name, { scopes = ['read', 'write'] as const, expiresMs } = {}) {
      const wish: NewToken = { name, scopes, createdMs: Date.now(), ...(expiresMs !== undefined && { expiresMs }) };
      const made = await createToken(stateDir, wish);
      if (!made.ok) throw new Error(made.problem);
      return { authorization: `Bearer ${made.token}` };
    },
    async close() {
      await stub.listener.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
