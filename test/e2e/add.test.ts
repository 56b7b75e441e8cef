import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createWorkspace, program, referenceServer, writeConfig } from './support.ts';

test(
  'a server that is added can be called, and the configuration without it is what it was, to the last byte',
  { timeout: 20_000 },
  async () => {
    const workspace = createWorkspace();
    try {
      const notes = workspace.write('notes/a.txt', 'hello');
      const config = writeConfig(workspace, { servers: {} });
      const before = readFileSync(config, 'utf8');
      const { PATH = '' } = process.env;
      const env = { PATH, HOME: workspace.path };
      const run = (args: string[], stdin = ''): Promise<{ code: number; out: string; err: string }> =>
        new Promise((resolve) => {
          const child = execFile(
            process.execPath,
            [program, ...args],
            { cwd: workspace.path, env },
            (error, out, err) => {
              resolve({ code: error === null ? 0 : Number(error.code), out, err });
            },
          );
          child.stdin?.end(stdin);
        });
      const { command, args } = referenceServer('filesystem', [join(notes, '..')]);

      const added = await run([
        'add',
        'files',
        '--env',
        'API_KEY=canary-1',
        '--timeout',
        '10s',
        '--',
        command,
        ...args,
      ]);
      expect(added).toMatchObject({ code: 0, err: '' });
      expect(added.out).toMatch(/^files: \d+ tools: \d+ read, \d+ write, \d+ destructive\n {2}read: .*read_text_file/);
      expect(added.out + readFileSync(config, 'utf8')).not.toContain('canary');

      const call = { tool: 'files__read_text_file', arguments: { path: notes } };
      const batch = await run(['batch', '--read', '--json'], JSON.stringify({ calls: [call] }));
      expect(batch.code).toBe(0);
      expect(batch.out).toContain('hello');

      const removed = await run(['remove', 'files']);
      expect(removed.code).toBe(0);
      expect(removed.out).toContain('FILES_API_KEY');
      const withEnv = '"envFile": "marshal.env", ';
      expect(readFileSync(config, 'utf8').replace(withEnv, '')).toBe(before);
    } finally {
      await workspace.close();
    }
  },
);
