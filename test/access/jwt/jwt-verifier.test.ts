import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Authentication } from '../../../src/access/identity.ts';
import { createJwtVerifier } from '../../../src/access/jwt/jwt-verifier.ts';
import { createVirtualClock } from '../../schedule/virtual-clock.ts';
import { silent } from '../../upstream/support.ts';
import { badJwts } from '../bad-jwts.ts';
import { audience, issuedS, startIssuer, type LocalIssuer } from '../local-issuer.ts';

let issuer: LocalIssuer;
let elsewhere: LocalIssuer;
let nowS = issuedS;
beforeAll(async () => {
  issuer = await startIssuer();
  elsewhere = await startIssuer();
});
beforeEach(() => {
  issuer.asked.length = 0;
  nowS = issuedS;
});
afterAll(() => Promise.all([issuer.close(), elsewhere.close()]));

function open(own: { jwks?: string; scopesClaim?: string } = {}): {
  identify: (token: string) => Promise<Authentication>;
  clock: ReturnType<typeof createVirtualClock>;
} {
  const clock = createVirtualClock();
  const jwt = { issuer: issuer.url, audience, scopesClaim: 'scope', ...own };
  return { ...createJwtVerifier({ jwt, clock, now: () => nowS * 1000, logger: silent }), clock };
}

async function identified(given: Promise<Authentication>): Promise<{ principal: string; scopes: string[] }> {
  const found = await given;
  if (!found.ok) throw new Error(found.problem);
  return { principal: found.identity.principal, scopes: [...found.identity.scopes] };
}

describe('a JSON Web Token', () => {
  test('of the issuer, for us, names its subject and what that may do; the keys are found by the metadata and read once', async () => {
    const { identify } = open();
    const expected = { principal: `jwt/${issuer.url}/ann`, scopes: ['read', 'write'] };
    expect(await identified(identify(await issuer.sign()))).toEqual(expected);
    expect(await identified(identify(await issuer.sign({ aud: ['https://other.example', audience] })))).toEqual(
      expected,
    );
    expect(issuer.asked).toEqual(['/.well-known/oauth-authorization-server', '/keys']);
  });

  test.each([
    ['words', { scope: 'openid destructive read' }, 'scope', ['read', 'destructive']],
    ['a list', { scp: ['write', 'mail.read'] }, 'scp', ['write']],
    ['nothing that we know', { scope: 'READ marshal:read reads' }, 'scope', []],
    ['nothing at all', { scope: undefined }, 'scope', []],
    ['something else', { scope: { read: true } }, 'scope', []],
  ])('may do what its claim says: %s', async (_what, claims, scopesClaim, scopes) => {
    expect((await identified(open({ scopesClaim }).identify(await issuer.sign(claims)))).scopes).toEqual(scopes);
  });

  test('counts for a few seconds longer than it says, and then no more', async () => {
    const { identify } = open();
    const token = await issuer.sign();
    const found = await identify(token);
    nowS = issuedS + 304;
    expect(found.ok && (await found.identity.standing())).toBe('valid');
    expect((await identify(token)).ok).toBe(true);
    nowS = issuedS + 305;
    expect(found.ok && (await found.identity.standing())).toBe('expired');
    expect((await identify(token)).ok).toBe(false);
  });

  test('that must not count does not, in whatever way it is wrong, and no host that it names is ever called', async () => {
    const bad = await badJwts(issuer, elsewhere.url);
    const { identify } = open();
    const accepted: string[] = [];
    for (const [what, token] of Object.entries(bad)) {
      // The edge refuses a header of this size before.
      if (what !== 'huge' && (await identify(token)).ok) accepted.push(what);
    }
    expect(accepted).toEqual([]);
    expect(elsewhere.asked).toEqual([]);
    expect(Object.keys(bad).length).toBeGreaterThan(30);
  });

  test('says in the log what was wrong with it, and nothing of itself', async () => {
    const token = await issuer.sign({ aud: 'other' });
    const found = await open().identify(token);
    expect(found).toMatchObject({
      ok: false,
      problem: 'a JWT that is not accepted (ERR_JWT_CLAIM_VALIDATION_FAILED aud)',
    });
  });
});

describe('the keys of an issuer', () => {
  test('are read again for a token with a new one, at most every half minute, whatever comes', async () => {
    const { identify, clock } = open({ jwks: `${issuer.url}/keys` });
    await identified(identify(await issuer.sign()));
    const strange = await issuer.sign({}, { header: { kid: 'strange' } });
    for (let i = 0; i < 50; i++) expect((await identify(strange)).ok).toBe(false);
    expect(issuer.asked).toEqual(['/keys']);
    await issuer.rotate('second');
    await clock.pass(30_000);
    const renewed = await issuer.sign();
    await Promise.all(Array.from({ length: 20 }, async () => identified(identify(renewed))));
    expect(issuer.asked).toEqual(['/keys', '/keys']);
  });

  test('that cannot be read let nobody in, and are not asked for with every token', async () => {
    const { identify } = open({ jwks: `${issuer.url}/nothing` });
    const token = await issuer.sign();
    for (let i = 0; i < 20; i++) expect((await identify(token)).ok).toBe(false);
    expect(issuer.asked).toEqual(['/nothing']);
  });

  test.each([
    ['redirect to another host', (to: string) => ({ status: 302, headers: { Location: `${to}/keys` }, body: '' })],
    ['never end', () => ({ status: 200, headers: {}, body: 'x'.repeat(300_000) })],
    ['are no JSON', () => ({ status: 200, headers: {}, body: '<html>' })],
    ['are no keys', () => ({ status: 200, headers: {}, body: '{"keys":[7]}' })],
    ['are of another shape', () => ({ status: 200, headers: {}, body: '[]' })],
  ])('that %s let nobody in', async (_what, answer) => {
    const { identify } = open({ jwks: `${issuer.url}/odd` });
    const usual = issuer.handle;
    issuer.handle = (_request, response) => {
      const { status, headers, body } = answer(elsewhere.url);
      response.writeHead(status, headers).end(body);
    };
    const token = await issuer.sign();
    expect((await identify(token)).ok).toBe(false);
    issuer.handle = usual;
    expect(elsewhere.asked).toEqual([]);
    expect(issuer.asked).toEqual(['/odd']);
  });

  test('are not waited for longer than five seconds', async () => {
    const { identify, clock } = open({ jwks: `${issuer.url}/slow` });
    const usual = issuer.handle;
    const asked = new Promise<void>((resolve) => (issuer.handle = () => resolve()));
    const found = identify(await issuer.sign());
    await asked;
    await clock.pass(5000);
    expect((await found).ok).toBe(false);
    issuer.handle = usual;
  });
});
