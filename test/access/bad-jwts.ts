import { generateKeyPair, SignJWT } from 'jose';
import { audience, issuedS, type LocalIssuer } from './local-issuer.ts';

/** Every way that we know of to make a JSON Web Token that must not count; `elsewhere` is a host that must never be called. */
export async function badJwts(issuer: LocalIssuer, elsewhere: string): Promise<Record<string, string>> {
  const { sign } = issuer;
  const good = await sign();
  const [head = '', body = '', signature = ''] = good.split('.');
  const stranger = (await generateKeyPair('ES256')).privateKey;
  const publicKey = new TextEncoder().encode(issuer.publicPem);
  const theirs = (header: object): Promise<string> => sign({}, { key: stranger, header: { kid: 'theirs', ...header } });
  const unsigned = (header: object): string => `${encode(header)}.${body}.`;
  const claims = { iss: issuer.url, aud: audience, sub: 'ann', exp: issuedS + 300, scope: 'read' };
  return {
    'alg none': unsigned({ alg: 'none' }),
    'alg None': unsigned({ alg: 'None' }),
    'alg none with a signature': `${encode({ alg: 'none', kid: 'first' })}.${body}.${signature}`,
    'no alg': unsigned({ kid: 'first' }),
    'HS256 with the public key as secret': await sign({}, { key: publicKey, alg: 'HS256' }),
    'HS256 with the public key, and no kid': await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .sign(publicKey),
    'another issuer': await sign({ iss: 'https://evil.example' }),
    'the issuer with a slash': await sign({ iss: `${issuer.url}/` }),
    'no issuer': await sign({ iss: undefined }),
    'another audience': await sign({ aud: 'https://other.example.com/mcp' }),
    'an audience that begins like ours': await sign({ aud: `${audience}/more` }),
    'an empty list of audiences': await sign({ aud: [] }),
    'no audience': await sign({ aud: undefined }),
    expired: await sign({ exp: issuedS - 60 }),
    'no expiry': await sign({ exp: undefined }),
    'an expiry that is a text': await sign({ exp: String(issuedS + 300) }),
    'not valid yet': await sign({ nbf: issuedS + 60 }),
    'no subject': await sign({ sub: undefined }),
    'an empty subject': await sign({ sub: '' }),
    'a subject that is a number': await sign({ sub: 7 }),
    'a subject of 300 characters': await sign({ sub: 'a'.repeat(300) }),
    'a subject with a line break': await sign({ sub: 'ann\nbob' }),
    'a key that is not known': await theirs({}),
    'another key under our kid': await theirs({ kid: 'first' }),
    'jku to another host': await theirs({ jku: `${elsewhere}/keys` }),
    'x5u to another host': await theirs({ x5u: `${elsewhere}/cert` }),
    'its own key in the header': await theirs({ jwk: issuer.keys[0] }),
    'an unknown critical header': `${encode({ alg: 'ES256', kid: 'first', crit: ['x'], x: 1 })}.${body}.${signature}`,
    'claims that were changed': `${head}.${encode({ ...claims, scope: 'destructive' })}.${signature}`,
    'a header that was changed': `${encode({ alg: 'ES384', kid: 'first' })}.${body}.${signature}`,
    'a signature cut short': good.slice(0, -4),
    'no signature': `${head}.${body}.`,
    'four parts': `${good}.${signature}`,
    'two parts': `${head}.${body}`,
    'a header that is no JSON': `${Buffer.from('{').toString('base64url')}.${body}.${signature}`,
    'base64 instead of base64url': good.replaceAll('-', '+').replace(/\.(.)/, '.+$1'),
    huge: await sign({ padding: 'x'.repeat(9000) }),
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
