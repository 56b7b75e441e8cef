import { closeSync, constants, fstatSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject } from '../../../core/json.ts';
import type { JsonObject } from '../../../core/json.ts';
import { replaceFile } from '../../../lib/files/replace-file.ts';
import type { Logger } from '../../../lib/logger.ts';
import { makeDirectory } from '../../../lib/files/make-directory.ts';

/** What a login has left: tokens, and all that is needed to get others in their place. Times are in milliseconds since 1970. */
export interface StoredLogin {
  /** Of the server that they are for. They are never sent to another one. */
  url: string;
  issuer: string;
  tokenEndpoint: string;
  /** How clients may prove who they are at the token endpoint. */
  clientAuthMethods?: string[];
  client: { client_id: string; client_secret?: string; token_endpoint_auth_method?: string };
  resource?: string;
  scope?: string;
  accessToken: string;
  refreshToken?: string;
  issuedAtMs: number;
  expiresAtMs?: number;
}

/** What there is for a server. `elsewhere`: a login of a server of this name that was behind another URL. */
export type FoundLogin = { kind: 'login'; login: StoredLogin } | { kind: 'none' | 'elsewhere' | 'broken' };

export interface LoginStore {
  file: string;
  find(): FoundLogin;
  /** Readers see the old login or the new one, never half of one. Rejects where it cannot be written. */
  write(login: StoredLogin): Promise<void>;
  /** `false`: there was none. */
  remove(): boolean;
  /** Differs when the file is another one than it was. */
  stamp(): string;
}

export interface LoginStoreOptions {
  server: { name: string; url: string };
  /** Files go to `oauth/` in it. */
  stateDir: string;
  logger: Pick<Logger, 'warn'>;
}

const version = 1;
const maxBytes = 256 * 1024;

/** The login of one server, in a file that its user alone may read. */
export function createLoginStore({ server, stateDir, logger }: LoginStoreOptions): LoginStore {
  const directory = join(stateDir, 'oauth');
  // No name of a server holds anything that a file's may not.
  const file = join(directory, `${server.name}.json`);
  return {
    file,
    find() {
      const text = readBounded(file);
      if (text === undefined) return { kind: 'none' };
      const login = parseLogin(text);
      if (login === undefined) {
        logger.warn({ server: server.name, file }, 'the stored login cannot be read; passed over');
        return { kind: 'broken' };
      }
      return login.url === new URL(server.url).href ? { kind: 'login', login } : { kind: 'elsewhere' };
    },
    async write(login) {
      await makeDirectory(directory);
      await replaceFile(file, JSON.stringify({ version, ...login, url: new URL(login.url).href }));
    },
    remove() {
      const isThere = readBounded(file) !== undefined;
      rmSync(file, { force: true });
      return isThere;
    },
    stamp() {
      try {
        const { ino, mtimeMs, size } = statSync(file);
        return `${ino} ${mtimeMs} ${size}`;
      } catch {
        return '';
      }
    },
  };
}

/** Nothing for a file that is not there; the empty text for one that cannot be read, or is no login by its length. */
function readBounded(file: string): string | undefined {
  let descriptor: number;
  try {
    // A pipe in its place would keep us waiting for ever.
    descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? undefined : '';
  }
  try {
    const stats = fstatSync(descriptor);
    return !stats.isFile() || stats.size > maxBytes ? '' : readFileSync(descriptor, 'utf8');
  } catch {
    return '';
  } finally {
    closeSync(descriptor);
  }
}

function parseLogin(text: string): StoredLogin | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(value) || value['version'] !== version) return undefined;
  const { url, issuer, tokenEndpoint, accessToken, issuedAtMs, client, clientAuthMethods: methods } = value;
  if (typeof url !== 'string' || typeof issuer !== 'string' || typeof tokenEndpoint !== 'string') return undefined;
  if (typeof accessToken !== 'string' || typeof issuedAtMs !== 'number' || !isJsonObject(client)) return undefined;
  const { client_id: clientId } = client;
  if (typeof clientId !== 'string') return undefined;
  const { expiresAtMs } = value;
  return {
    url,
    issuer,
    tokenEndpoint,
    accessToken,
    issuedAtMs,
    client: { client_id: clientId, ...texts(client, ['client_secret', 'token_endpoint_auth_method']) },
    ...texts(value, ['resource', 'scope', 'refreshToken']),
    ...(typeof expiresAtMs === 'number' && { expiresAtMs }),
    ...(Array.isArray(methods) && { clientAuthMethods: methods.filter((method) => typeof method === 'string') }),
  };
}

function texts<Name extends string>(from: JsonObject, names: readonly Name[]): { [name in Name]?: string } {
  const found: { [name in Name]?: string } = {};
  for (const name of names) {
    const value = from[name];
    if (typeof value === 'string') found[name] = value;
  }
  return found;
}
