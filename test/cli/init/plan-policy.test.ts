import { expect, test } from 'vitest';
import { planPolicy } from '../../../src/cli/init/plan-policy.ts';
import { maxFileBytes } from '../../../src/config/load-policy.ts';
import type { Tool } from '../../../src/core/tool.ts';

const many = (count: number, length: number, more: Partial<Tool> = {}): Tool[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `do_${index}_${'x'.repeat(length)}`,
    inputSchema: { type: 'object', properties: { command: { type: 'string' } } },
    ...more,
  }));

test('a server of two thousand tools with doubts gets a policy that loads: without notes, and with every class', async () => {
  const { text = '', tools } = await planPolicy({ server: 'many', tools: many(2_000, 60), taken: [] });
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxFileBytes);
  expect(text.match(/^ {2}- do_/gm)).toHaveLength(2_000);
  expect(text).toContain('# Its tools are too many for notes');
  // Whoever proposes it still says what is doubtful.
  expect(tools?.every(({ doubts }) => doubts.length > 0)).toBe(true);
});

test('one whose names alone are too many keeps those that need a yes', async () => {
  const reads = many(3_000, 100, { inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } });
  const wipe: Tool = { name: 'wipe', inputSchema: { type: 'object' } };
  const { text = '' } = await planPolicy({ server: 'many', tools: [...reads, wipe], taken: [] });
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxFileBytes);
  expect(text).toContain('destructive:\n  - wipe\n');
});
