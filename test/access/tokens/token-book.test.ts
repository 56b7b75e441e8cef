import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Authentication } from '../../../src/access/identity.ts';
import { createToken } from '../../../src/access/tokens/create-token.ts';
import { revokeToken } from '../../../src/access/tokens/revoke-token.ts';
import { createTokenBook, type TokenBook } from '../../../src/access/tokens/token-book.ts';
import { readTokenFile } from '../../../src/access/tokens/token-file.ts';
import { maxTokens, renderTokens, tokenFileIn } from '../../../src/access/tokens/token-record.ts';
import { createVirtualClock, type VirtualClock } from '../../schedule/virtual-clock.ts';
import { silent } from '../../upstream/support.ts';

let stateDir: string;
let clock: VirtualClock;
let nowMs: number;
let logged: string[];
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'tokens-'));
  clock = createVirtualClock();
  nowMs = Date.parse('2026-11-22T00:00:00Z');
  logged = [];
});
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

function openBook(): TokenBook {
  const logger = { ...silent, error: (fields: object) => void logged.push(JSON.stringify(fields)) };
  return createTokenBook({ file: tokenFileIn(stateDir), clock, now: () => nowMs, logger });
}

async function create(name: string, own: { expiresMs?: number; isReuse?: boolean } = {}): Promise<string> {
  const made = await createToken(stateDir, { name, scopes: ['write', 'read'], createdMs: nowMs, ...own });
  if (!made.ok) throw new Error(made.problem);
  return made.token;
}

function shown(found: Authentication): object {
  return found.ok
    ? { principal: found.identity.principal, scopes: [...found.identity.scopes] }
    : { problem: found.problem };
}

describe('a token', () => {
  test('names its owner and what they may do; what is kept of it is no token, and is for its user alone', async () => {
    const token = await create('ann');
    await create('bob');
    expect(token).toMatch(/^mmt_[\w-]{43}$/);
    expect(shown(await openBook().identify(token))).toEqual({ principal: 'token/ann', scopes: ['read', 'write'] });
    const file = tokenFileIn(stateDir);
    expect(readFileSync(file, 'utf8')).not.toContain(token.slice(4, 12));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(stateDir)).toEqual(['tokens.json']);
  });

  test('counts until it runs out', async () => {
    const token = await create('ann', { expiresMs: nowMs + 1000 });
    const book = openBook();
    const found = await book.identify(token);
    nowMs += 999;
    expect(found.ok && (await found.identity.standing())).toBe('valid');
    nowMs += 1;
    expect(found.ok && (await found.identity.standing())).toBe('expired');
    expect(shown(await book.identify(token))).toEqual({ problem: 'the token ann has run out' });
  });

  test.each([
    ['another letter case', (token: string) => token.toUpperCase().replace('MMT_', 'mmt_')],
    ['a letter less', (token: string) => token.slice(0, -1)],
    ['a letter more', (token: string) => `${token}A`],
    [
      'another first letter',
      (token: string) => token.replace(/^mmt_./, (first) => (first === 'mmt_A' ? 'mmt_B' : 'mmt_A')),
    ],
    ['its prefix alone', () => 'mmt_'],
    ['its kept hash', () => /"sha256": "(\w+)"/.exec(readFileSync(tokenFileIn(stateDir), 'utf8'))![1]!],
  ])('with %s is another one', async (_what, change) => {
    const token = await create('ann');
    expect(shown(await openBook().identify(change(token)))).toEqual({
      problem: 'a token that is not known, or was revoked',
    });
  });

  test('counts as soon as it was created elsewhere, and no more a quarter of a second after it was revoked there', async () => {
    const book = openBook();
    const first = await create('ann');
    const found = await book.identify(first);
    expect(found.ok).toBe(true);
    const second = await create('bob');
    expect((await book.identify(second)).ok).toBe(true);
    await revokeToken(stateDir, { name: 'ann', nowMs });
    await clock.pass(250);
    expect((await book.identify(first)).ok).toBe(false);
    expect(found.ok && (await found.identity.standing())).toBe('revoked');
  });

  test('that takes the name of a revoked one is not that one', async () => {
    const book = openBook();
    const found = await book.identify(await create('ann'));
    await revokeToken(stateDir, { name: 'ann', nowMs });
    await create('ann', { isReuse: true });
    await clock.pass(250);
    expect(found.ok && (await found.identity.standing())).toBe('revoked');
  });

  test('gets the name of a revoked one, and what was kept for it, only where it is for the same person or a day has passed', async () => {
    await create('ann');
    await revokeToken(stateDir, { name: 'ann', nowMs });
    await create('bob');
    await expect(create('ann')).rejects.toThrow('take another name, or write --reuse');
    nowMs += 24 * 3_600_000 - 1;
    await expect(create('ann')).rejects.toThrow('less than a day ago');
    nowMs += 1;
    await create('ann');
  });
});

describe('the file of tokens', () => {
  test('loses none when many are made and revoked at once', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `t${index}`);
    await Promise.all(names.map((name) => create(name)));
    await Promise.all(names.slice(10).map((name) => revokeToken(stateDir, { name, nowMs })));
    const read = await readTokenFile(tokenFileIn(stateDir));
    expect(read.ok && read.tokens.map(({ name }) => name).toSorted()).toEqual(names.slice(0, 10).toSorted());
  });

  test('is not kept from changes by a process that was killed in the middle of one', async () => {
    await create('ann');
    const lock = `${tokenFileIn(stateDir)}.lock`;
    writeFileSync(lock, '');
    const longAgo = new Date(Date.now() - 11_000);
    utimesSync(lock, longAgo, longAgo);
    await create('bob');
    expect(readdirSync(stateDir)).toEqual(['tokens.json']);
  });

  test.each([
    ['half written', '{"version":1,"tokens":[{"name":"ann"'],
    ['of another version', '{"version":2,"tokens":[]}'],
    ['with a token without a hash', '{"version":1,"tokens":[{"name":"ann","scopes":["read"],"created":"2026-01-01"}]}'],
    ['with an unknown scope', record({ scopes: ['admin'] })],
    ['with an expiry that is no time', record({ expires: 'soon' })],
    ['with a hash that is none', record({ sha256: '' })],
    ['with a name that is none', record({ name: '../ann' })],
    ['with a name twice', record({}, {})],
    ['with a revoked name that is none', '{"version":1,"tokens":[],"revoked":[{"name":"","at":"2026-01-01"}]}'],
  ])('%s lets nobody in, is left as it is, and the log says so', async (_what, text) => {
    const token = await create('other');
    writeFileSync(tokenFileIn(stateDir), text);
    expect((await openBook().identify(token)).ok).toBe(false);
    expect(logged).toEqual([expect.stringContaining('is not as mcp-marshal writes it')]);
    expect((await createToken(stateDir, { name: 'bob', scopes: ['read'], createdMs: nowMs })).ok).toBe(false);
    expect(readFileSync(tokenFileIn(stateDir), 'utf8')).toBe(text);
  });

  test('that others can write lets nobody in', async () => {
    const token = await create('ann');
    chmodSync(tokenFileIn(stateDir), 0o666);
    expect((await openBook().identify(token)).ok).toBe(false);
    expect(logged).toEqual([expect.stringContaining('chmod 600')]);
  });

  test('has an end', async () => {
    const record = { scopes: ['read'], createdMs: nowMs, sha256: 'a'.repeat(64) } as const;
    const full = Array.from({ length: maxTokens }, (_, index) => ({ ...record, name: `t${index}` }));
    writeFileSync(tokenFileIn(stateDir), renderTokens(full), { mode: 0o600 });
    await expect(create('one-more')).rejects.toThrow('revoke some');
    await revokeToken(stateDir, { name: 't0', nowMs });
    await create('one-more');
  });

  test('gives a name once, unless its token has run out', async () => {
    await create('ann', { expiresMs: nowMs + 1000 });
    await expect(create('ann')).rejects.toThrow('there is a token ann already');
    nowMs += 1000;
    const token = await create('ann');
    expect((await openBook().identify(token)).ok).toBe(true);
  });
});

function record(...changes: object[]): string {
  const usual = { name: 'ann', scopes: ['read'], created: '2026-01-01T00:00:00.000Z', sha256: 'a'.repeat(64) };
  return JSON.stringify({ version: 1, tokens: changes.map((change) => ({ ...usual, ...change })) });
}
