import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../../../src/cli/run-cli.ts';
import { fakeIo } from '../fake-io.ts';
import { stubParts } from '../stub-proxy.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'token-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function token(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const { io, out, err } = fakeIo({ cwd: folder, env: { HOME: folder } });
  const code = await runCli(['token', ...words], io, stubParts({}).parts);
  return { code, out: out(), err: err() };
}

const dayMs = 24 * 3_600_000;

describe('token create', () => {
  test('prints the token alone, this once, and says beside it what it is', async () => {
    const { code, out, err } = await token('create', 'laptop', '--state-dir', 'state');
    expect(code).toBe(0);
    expect(out).toMatch(/^mmt_[\w-]{43}\n$/);
    expect(err).toMatch(/^token laptop: read, until \d{4}-\d\d-\d\d; this is the only time that it is shown/);
    const file = join(folder, 'state/tokens.json');
    expect(readFileSync(file, 'utf8')).not.toContain(out.trim());
    expect([statSync(file).mode & 0o777, statSync(join(folder, 'state')).mode & 0o777]).toEqual([0o600, 0o700]);
    expect((await token('list', '--state-dir', 'state')).out).not.toContain('mmt_');
  });

  test('allows reads for 90 days unless told otherwise', async () => {
    const { out, err } = await token('create', 'ci', '--json', '--state-dir', '.');
    const { version, data } = JSON.parse(out);
    expect(version).toBe(1);
    expect(data).toMatchObject({ name: 'ci', scopes: ['read'], token: expect.stringMatching(/^mmt_/) });
    expect(Date.parse(data.expires) - Date.parse(data.created)).toBe(90 * dayMs);
    expect(err).not.toContain('mmt_');
  });

  test('that counts for less than two days says at what time it ends, and so does the list', async () => {
    const { err } = await token('create', 'short', '--expires', '12h', '--state-dir', '.');
    expect(err).toMatch(/until \d{4}-\d\d-\d\d \d\d:\d\d UTC;/);
    expect((await token('list', '--state-dir', '.')).out).toMatch(/expires \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
  });

  test('gives the name of a revoked token to nobody else by accident', async () => {
    await token('create', 'ci', '--state-dir', '.');
    await token('revoke', 'ci', '--state-dir', '.');
    const refused = await token('create', 'ci', '--state-dir', '.');
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('--reuse');
    expect((await token('create', 'ci', '--reuse', '--state-dir', '.')).code).toBe(0);
  });

  test('allows what it is told, for ever with a warning', async () => {
    const words = ['create', 'ci', '--scopes', 'destructive, read', '--expires', 'never', '--json', '--state-dir', '.'];
    const { out, err } = await token(...words);
    expect(JSON.parse(out).data).toMatchObject({ scopes: ['read', 'destructive'], expires: null });
    expect(err).toContain('warning: it never runs out');
  });

  test('keeps it where the configuration says, though that is broken or lacks variables', async () => {
    const servers = { a: { command: 'x', env: { KEY: '${NOT_SET_ANYWHERE}' }, timeout: 'soon' } };
    writeFileSync(join(folder, 'marshal.yaml'), JSON.stringify({ version: 1, stateDir: 'kept', servers }));
    expect((await token('create', 'ci')).code).toBe(0);
    expect((await token('list', '--state-dir', 'kept')).out).toContain('ci');
  });

  test.each([
    [['create'], "argument 'name'"],
    [['create', '../x'], 'Write a letter or digit'],
    [['create', 'a'.repeat(65)], 'up to 63 letters'],
    [['create', 'ci', '--scopes', 'admin'], 'Write read, write, destructive'],
    [['create', 'ci', '--scopes', ''], 'Write read, write, destructive'],
    [['create', 'ci', '--expires', '1y'], 'Write 12h, 90d or 8w'],
    [['revoke', 'ci', '--state-dir', '.'], 'there is no token "ci"; see mcp-marshal token list'],
    [['tokens'], 'see mcp-marshal token --help'],
  ])('refuses %j and says what would be right', async (words, says) => {
    const { code, out, err } = await token(...words);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(says);
  });

  test('does not take a name twice, and says so to programs as well', async () => {
    await token('create', 'ci', '--state-dir', '.');
    const { code, out } = await token('create', 'ci', '--json', '--state-dir', '.');
    expect(code).toBe(2);
    expect(JSON.parse(out).error).toMatchObject({
      code: 'token',
      message: 'there is a token ci already; revoke it first, or take another name',
    });
  });
});

describe('token list and revoke', () => {
  test('show what there is, and what has run out; a revoked one is gone', async () => {
    await token('create', 'ann', '--scopes', 'read,write', '--state-dir', '.');
    await token('create', 'bob', '--expires', 'never', '--state-dir', '.');
    await token('create', 'old', '--expires', '1s', '--state-dir', '.');
    const file = join(folder, 'tokens.json');
    const longAgo = readFileSync(file, 'utf8').replace(
      /("name": "old"[^}]*"expires": ")[^"]*/,
      '$12020-01-01T00:00:00.000Z',
    );
    writeFileSync(file, longAgo);
    const lines = (await token('list', '--state-dir', '.')).out.split('\n');
    expect(lines[0]).toMatch(/^ann {2}read,write {2}expires \d{4}-\d\d-\d\d {2,}created \d{4}-\d\d-\d\d$/);
    expect(lines[1]).toMatch(/^bob {2}read {8}never expires/);
    expect(lines[2]).toMatch(/^old {2}read {8}EXPIRED 2020-01-01/);
    expect((await token('revoke', 'bob', '--state-dir', '.')).err).toBe('token bob counts no more\n');
    const { data } = JSON.parse((await token('list', '--json', '--state-dir', '.')).out);
    expect(data.map(({ name }: { name: string }) => name)).toEqual(['ann', 'old']);
    expect((await token('revoke', 'amn', '--state-dir', '.')).err).toContain('did you mean ann?');
  });

  test('of a file that is broken says so, and changes nothing', async () => {
    writeFileSync(join(folder, 'tokens.json'), '[]', { mode: 0o600 });
    for (const words of [['list'], ['revoke', 'ann'], ['create', 'bob']]) {
      const { code, err } = await token(...words, '--state-dir', '.');
      expect(code).toBe(2);
      expect(err).toContain('is not as mcp-marshal writes it');
    }
    expect(readFileSync(join(folder, 'tokens.json'), 'utf8')).toBe('[]');
  });

  test('say where there is none yet', async () => {
    const { code, out, err } = await token('list', '--state-dir', 'nowhere');
    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(err).toContain('mcp-marshal token create NAME makes one');
  });
});
