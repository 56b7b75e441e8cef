import { afterEach } from 'vitest';
import type { ServerConfig, UpstreamAuth } from '../../../src/config/config.ts';
import type { Logger } from '../../../src/lib/logger.ts';
import type { CredentialBook } from '../../../src/upstream/auth/credential-book.ts';
import { createCredentialBook } from '../../../src/upstream/auth/credential-book.ts';
import type { LoginStore, StoredLogin } from '../../../src/upstream/auth/login/login-store.ts';
import { createLoginStore } from '../../../src/upstream/auth/login/login-store.ts';
import type { RemoteServer } from '../../../src/upstream/auth/remote-server.ts';
import type { Upstream } from '../../../src/upstream/upstream.ts';
import { createUpstream } from '../../../src/upstream/upstream.ts';
import type { OauthWorld, OauthWorldOptions } from '../../fixtures/oauth/oauth-world.ts';
import { startOauthWorld } from '../../fixtures/oauth/oauth-world.ts';
import { serverConfig, silent, temporaryDirectory } from '../support.ts';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

export async function world(options: OauthWorldOptions = {}): Promise<OauthWorld> {
  const made = await startOauthWorld(options);
  endings.push(made.close);
  return made;
}

export function stateFolder(): string {
  const { path, remove } = temporaryDirectory();
  endings.push(remove);
  return path;
}

export function remote(url: string, auth?: UpstreamAuth, type: 'http' | 'sse' = 'http'): RemoteServer {
  return { name: 'remote', url, type, headers: {}, ...(auth && { auth }) };
}

export function configOf({ name, url, type, headers, auth }: RemoteServer): ServerConfig {
  return { ...serverConfig({ type, url, headers }, name), ...(auth && { auth }) };
}

/** What one process has of credentials. */
export function book(stateDir: string, logger: Logger = silent): CredentialBook {
  const made = createCredentialBook({ stateDir, logger, lookEveryMs: 20 });
  endings.push(made.close);
  return made;
}

export function open(server: RemoteServer, credentials: CredentialBook, logger: Logger = silent): Upstream {
  const config = configOf(server);
  const upstream = createUpstream({ server: config, logger, random: () => 1, credentials: credentials.of(config) });
  endings.push(upstream.close);
  upstream.start();
  return upstream;
}

/** As a login made so long ago would have left it. */
export async function storeLogin(
  stateDir: string,
  from: OauthWorld,
  given: Partial<StoredLogin> & { ageMs?: number } = {},
): Promise<{ store: LoginStore; login: StoredLogin }> {
  const { ageMs = 3_600_000, ...rest } = given;
  const login: StoredLogin = {
    url: from.url,
    issuer: from.issuer,
    tokenEndpoint: `${from.issuer}/token`,
    client: { client_id: 'registered-client' },
    issuedAtMs: Date.now() - ageMs,
    ...from.issue(),
    ...rest,
  };
  const store = createLoginStore({ server: { name: 'remote', url: login.url }, stateDir, logger: silent });
  await store.write(login);
  return { store, login };
}
