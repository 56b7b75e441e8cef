import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readProxyToken } from '../../../src/cli/serve/read-proxy-token.ts';
import { fakeIo } from '../fake-io.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'proxy-token-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (file: string | undefined, env: Record<string, string> = {}): Promise<string | undefined> =>
  readProxyToken(fakeIo({ cwd: folder, env }).io, file);

describe('the token of the bridge', () => {
  test('is that of a file, or else of the environment, or none', async () => {
    writeFileSync(join(folder, 'token'), 'mmt_of-the-file\n');
    expect(await read('token', { MCP_MARSHAL_TOKEN: 'other' })).toBe('mmt_of-the-file');
    expect(await read(undefined, { MCP_MARSHAL_TOKEN: 'eyJ.a-b_c.d=' })).toBe('eyJ.a-b_c.d=');
    expect(await read(undefined, { MCP_MARSHAL_TOKEN: '' })).toBeUndefined();
    expect(await read(undefined)).toBeUndefined();
  });

  test.each(['', 'two words', 'a\r\nX-Other: b', 'Bearer abc', 'ü', 'x'.repeat(9000)])(
    'is never something else, which is not repeated: %j',
    async (written) => {
      writeFileSync(join(folder, 'odd'), written);
      const failure: unknown = await read('odd').catch((error: unknown) => error);
      expect(failure).toMatchObject({ exitCode: 2, message: `${join(folder, 'odd')} does not hold a token` });
      if (written !== '') {
        await expect(read(undefined, { MCP_MARSHAL_TOKEN: written })).rejects.toThrow(
          'MCP_MARSHAL_TOKEN does not hold a token',
        );
      }
    },
  );

  test('in a file that is not there is a mistake, not no token', async () => {
    await expect(read('nowhere', { MCP_MARSHAL_TOKEN: 'abc' })).rejects.toThrow('cannot be read (ENOENT)');
  });
});
