import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { definitionOf, describeTool } from '../../../src/catalog/lock/describe-tool.ts';
import { findDefinition, keepDefinitions } from '../../../src/cli/lock/definition-store.ts';
import type { Tool } from '../../../src/core/tool.ts';

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'marshal-definitions-'));
});
afterEach(() => rmSync(stateDir, { recursive: true }));

const tool: Tool = { name: 'read', description: 'Reads', inputSchema: { type: 'object' } };
const files = (): string[] =>
  readdirSync(join(stateDir, 'definitions')).map((name) => join(stateDir, 'definitions', name));

test('what was accepted is found by its digests, and kept for its user alone', async () => {
  expect(await keepDefinitions(stateDir, [tool, { ...tool, name: 'twin' }])).toBeUndefined();
  expect(await findDefinition(stateDir, describeTool(tool))).toEqual(definitionOf(tool));
  expect(files()).toHaveLength(1);
  expect(statSync(files()[0]!).mode & 0o777).toBe(0o600);
  expect(await findDefinition(stateDir, describeTool({ ...tool, title: 'x' }))).toBeUndefined();
});

test('two tools that differ in their other fields alone are kept apart', async () => {
  const [a, b] = [1, 2].map((version) => ({ ...tool, _meta: { version } }));
  await keepDefinitions(stateDir, [a!, b!]);
  expect(await findDefinition(stateDir, describeTool(a!))).toEqual(definitionOf(a!));
  expect(await findDefinition(stateDir, describeTool(b!))).toEqual(definitionOf(b!));
});

test('a file that was tampered with is not shown as what was accepted', async () => {
  await keepDefinitions(stateDir, [tool]);
  const [file] = files();
  writeFileSync(file!, readFileSync(file!, 'utf8').replace('Reads', 'Eats'));
  expect(await findDefinition(stateDir, describeTool(tool))).toBeUndefined();
  for (const text of ['', 'null', '{}', '{"description":1}']) {
    writeFileSync(file!, text);
    expect(await findDefinition(stateDir, describeTool(tool))).toBeUndefined();
  }
});

test('a definition of megabytes is not kept, and a state folder that cannot be written is told', async () => {
  const large: Tool = { ...tool, description: 'x'.repeat(300_000) };
  expect(await keepDefinitions(stateDir, [large])).toBeUndefined();
  expect(files()).toEqual([]);
  expect(await keepDefinitions(join(import.meta.filename, 'state'), [tool])).toBe('ENOTDIR');
});
