import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Identity } from '../../../src/access/identity.ts';
import { createToken } from '../../../src/access/tokens/create-token.ts';
import { createTokenBook, type TokenBook } from '../../../src/access/tokens/token-book.ts';
import { tokenFileIn } from '../../../src/access/tokens/token-record.ts';
import { createVirtualClock, type VirtualClock } from '../../schedule/virtual-clock.ts';
import { silent } from '../../upstream/support.ts';

const disk = vi.hoisted(() => ({ code: '' }));
vi.mock('node:fs/promises', async (load) => {
  const real = await load<typeof import('node:fs/promises')>();
  const open: typeof real.open = (...args) =>
    disk.code !== '' && String(args[0]).endsWith('tokens.json')
      ? Promise.reject(Object.assign(new Error('no'), { code: disk.code }))
      : real.open(...args);
  return { ...real, open };
});

let stateDir: string;
let clock: VirtualClock;
let book: TokenBook;
let token: string;
let ann: Identity;
beforeEach(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'tokens-'));
  clock = createVirtualClock();
  book = createTokenBook({ file: tokenFileIn(stateDir), clock, now: () => 0, logger: silent });
  token = await create('ann');
  const found = await book.identify(token);
  if (!found.ok) throw new Error(found.problem);
  ann = found.identity;
  // So that the file is read again.
  await create('bob');
});
afterEach(() => {
  disk.code = '';
  rmSync(stateDir, { recursive: true, force: true });
});

async function create(name: string): Promise<string> {
  const made = await createToken(stateDir, { name, scopes: ['read'], createdMs: 0 });
  if (!made.ok) throw new Error(made.problem);
  return made.token;
}

test.each(['EMFILE', 'EIO', 'EAGAIN'])(
  'while the tokens cannot be read for a moment (%s) nobody new is let in, and nothing that runs is ended',
  async (code) => {
    disk.code = code;
    await clock.pass(29_999);
    expect(await ann.standing()).toBe('valid');
    expect((await book.identify(token)).ok).toBe(false);
    await clock.pass(29_999);
    expect(await ann.standing()).toBe('valid');
    disk.code = '';
    await clock.pass(250);
    expect((await book.identify(token)).ok).toBe(true);
    expect(await ann.standing()).toBe('valid');
  },
);

test('after 30 s of that nobody can tell what was taken back, and it ends', async () => {
  disk.code = 'EIO';
  await clock.pass(250);
  expect(await ann.standing()).toBe('valid');
  await clock.pass(30_000);
  expect(await ann.standing()).toBe('revoked');
});

test('a file that we may not read any more ends it at once', async () => {
  disk.code = 'EACCES';
  await clock.pass(250);
  expect(await ann.standing()).toBe('revoked');
});
