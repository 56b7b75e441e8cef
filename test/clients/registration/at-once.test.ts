import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyRegistration } from '../../../src/clients/registration/apply-registration.ts';
import { createRecordStore } from '../../../src/clients/registration/files/record-store.ts';
import type { EntryContext } from '../../../src/clients/registration/make-entry.ts';
import { planRegistration } from '../../../src/clients/registration/plan-registration.ts';
import { applyUnregistration, planUnregistration } from '../../../src/clients/registration/unregister.ts';

const launch = { command: '/usr/bin/node', args: ['/opt/main.js', 'serve', '--config', '/home/me/marshal.yaml'] };
const context: EntryContext = {
  launch: { shell: launch, gui: launch },
  variables: [],
  required: [],
  own: [],
  present: new Set(),
  deadlineMs: 50_000,
  scope: 'user',
};
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'at-once-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ['the same', 'memory'],
  ['another', 'none'],
])(
  'of two installs at once that do %s, the one that comes late leaves what takes the first one back',
  async (_, off) => {
    const path = join(folder, 'mcp.json');
    const before = '{\n  "mcpServers": {\n    "memory": { "command": "node", "env": { "TOKEN": "x" } }\n  }\n}\n';
    writeFileSync(path, before);
    const store = createRecordStore(folder);
    const target = { client: 'cursor', scope: 'user', path } as const;
    const plan = (original: string) =>
      planRegistration(target, {
        name: 'marshal',
        context,
        store,
        isOriginal: (name) => name === original,
        keepsSwitched: true,
      });
    const [first, second] = await Promise.all([plan('memory'), plan(off)]);
    if (first.kind !== 'new' || second.kind !== 'new') throw new Error('not planned');
    expect(await applyRegistration(first, { store, command: undefined })).toMatchObject({ ok: true });
    expect(await applyRegistration(second, { store, command: undefined })).toMatchObject({ ok: false });
    const undoing = await planUnregistration(target, { name: 'marshal', store, script: '/opt/main.js' });
    expect(await applyUnregistration(undoing, store)).toMatchObject({ ok: true });
    expect(readFileSync(path, 'utf8')).toBe(before);
  },
);

test.each([
  ['removes it', (path: string) => rmSync(path)],
  ['leaves half of it', (path: string) => writeFileSync(path, '{"mcp')],
])('a client whose own command is to register us and %s: its file of before is kept, and told of', async (_, harm) => {
  const path = join(folder, '.claude.json');
  const before = '{"mcpServers": {"memory": {"command": "node", "env": {"TOKEN": "x"}}}}';
  writeFileSync(path, before);
  const store = createRecordStore(folder);
  const target = { client: 'claude-code', scope: 'user', path } as const;
  const options = { name: 'marshal', context, store, isOriginal: () => false, keepsSwitched: true };
  const planned = await planRegistration(target, options);
  if (planned.kind !== 'new') throw new Error('not planned');
  const command = async (): Promise<string> => {
    harm(path);
    return 'it ended with 1';
  };
  const applied = await applyRegistration(planned, { store, command });
  if (applied.ok) throw new Error('applied');
  const [, kept = ''] = /the file of before: (.*)$/.exec(applied.fix) ?? [];
  expect(readFileSync(kept, 'utf8')).toBe(before);
});
