import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';

/** An issuer of JSON Web Tokens on this machine, that writes down what it is asked. */
export interface LocalIssuer {
  url: string;
  /** Paths, in the order in which they were asked for. */
  asked: string[];
  /** What answers from now on. */
  handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** What is served as its keys. */
  keys: JWK[];
  /** The public key in PEM: what an attacker can have. */
  publicPem: string;
  /** Signs claims over those of a good token; `undefined` takes one out. */
  sign(claims?: Claims, options?: SignOptions): Promise<string>;
  /** Begins to sign with another key, and serves it beside the old one. */
  rotate(kid: string): Promise<void>;
  close(): Promise<void>;
}

export type Claims = { [name: string]: unknown };

export interface SignOptions {
  header?: { [name: string]: unknown };
  /** Another key than the issuer's. */
  key?: CryptoKey | Uint8Array;
  alg?: string;
}

export const audience = 'https://marshal.example.com/mcp';
/** When its tokens are issued, in seconds since the epoch: now, as the tests have it. */
export const issuedS = 1_800_000_000;

export async function startIssuer({ nowS = issuedS }: { nowS?: number } = {}): Promise<LocalIssuer> {
  let { publicKey, privateKey } = await generateKeyPair('ES256');
  let kid = 'first';
  const server = createServer((request, response) => {
    issuer.asked.push(request.url ?? '');
    issuer.handle(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const issuer: LocalIssuer = {
    url,
    asked: [],
    keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' }],
    publicPem: await exportSPKI(publicKey),
    handle(request, response) {
      const found = { '/.well-known/oauth-authorization-server': { issuer: url, jwks_uri: `${url}/keys` } } as const;
      const path = request.url ?? '';
      const body =
        path === '/keys' ? { keys: issuer.keys } : Object.entries(found).find(([name]) => name === path)?.[1];
      response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(body ?? {}));
    },
    sign(claims = {}, { header = {}, key = privateKey, alg = 'ES256' } = {}) {
      const payload: JWTPayload = {
        iss: url,
        aud: audience,
        sub: 'ann',
        iat: nowS,
        exp: nowS + 300,
        scope: 'read write',
        ...claims,
      };
      for (const [name, value] of Object.entries(claims)) if (value === undefined) delete payload[name];
      return new SignJWT(payload).setProtectedHeader({ alg, kid, ...header }).sign(key);
    },
    async rotate(next) {
      ({ publicKey, privateKey } = await generateKeyPair('ES256'));
      kid = next;
      issuer.keys.push({ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' });
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return issuer;
}
