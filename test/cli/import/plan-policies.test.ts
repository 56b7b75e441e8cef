import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findUnjudged, proposeFor } from '../../../src/cli/import/plan-policies.ts';
import { planPolicy } from '../../../src/cli/init/plan-policy.ts';
import type { TakenLine } from '../../../src/cli/init/plan-policy.ts';
import type { Config } from '../../../src/config/config.ts';
import { checkRecipe } from '../../../src/batch/recipe/check-recipe.ts';
import { loadConfig } from '../../../src/config/load-config.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'marshal-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const taken: TakenLine[] = [
  { list: 'deny', pattern: 'drop_*', by: [{ client: 'cursor' }, { client: 'claude-code' }] },
  { list: 'ask', pattern: '*', by: [{ client: 'gemini-cli' }] },
  { list: 'allow', pattern: 'read # it', by: [{ client: 'claude-code' }] },
  { list: 'allow', pattern: '123', by: [{ client: 'codex' }] },
];

async function load(policy: string): Promise<Config> {
  writeFileSync(join(folder, 's.yaml'), policy);
  writeFileSync(join(folder, 'marshal.yaml'), 'version: 1\nservers:\n  s: { command: x, policy: s.yaml }\n');
  return loadConfig({ cwd: folder, env: {}, checkRecipe });
}

test('a server that init did not reach gets a policy later although clients had rules for it, and these stay', async () => {
  const { text = '' } = await planPolicy({ server: 's', taken });
  const config = await load(text);
  const [one, ...more] = await findUnjudged(config);
  expect(more).toEqual([]);
  const proposal = await proposeFor(config, { ...one!, seen: { reached: true, entries: [] } });
  const same = await planPolicy({ server: 's', tools: [], taken });
  expect(proposal.change).toEqual({ path: join(folder, 's.yaml'), from: text, to: same.text });
  expect(same.text).toContain('drop_*');
});

test('a rule of a client that a person has taken out since stays out', async () => {
  const { text = '' } = await planPolicy({ server: 's', taken });
  const config = await load(text.replace(/ {2}- drop_.*\n/, '').replace(/# They may not.*\ndeny:\n\n/, ''));
  const [one] = await findUnjudged(config);
  const proposal = await proposeFor(config, { ...one!, seen: { reached: true, entries: [] } });
  expect(proposal.change?.to).toContain('read # it');
  expect(proposal.change?.to).not.toContain('drop_');
});

test.each([
  ['a rule of their own', (text: string) => text.replace('deny:\n', 'deny:\n  - mine\n')],
  ['a comment', (text: string) => `${text}# mine\n`],
  ['another owner of a rule', (text: string) => text.replace('from Codex', 'from me')],
  ['a class', (text: string) => `${text}read: [a]\n`],
])('a policy in which a person has written %s is left as it is', async (_, edit) => {
  const { text = '' } = await planPolicy({ server: 's', taken });
  const edited = edit(text);
  expect(edited).not.toBe(text);
  expect(await findUnjudged(await load(edited))).toEqual([]);
});
