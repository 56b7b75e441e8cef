import { expect, test } from 'vitest';
import { judgeCall } from '../../../src/batch/plan/judge-call.ts';
import { buildCatalog } from '../../../src/catalog/build-catalog.ts';
import type { Policy, Rule } from '../../../src/config/policy.ts';

const place = { file: 'forge.yaml', line: 3, column: 1 };

/** What becomes of a call of `merge`, which is a write only as a trial, while its arguments are still open. */
function judgeOpen(lists: Rule['list'][]): string {
  const policy: Policy = {
    annotations: 'trust',
    unannotated: 'write',
    retryTimeouts: false,
    remember: 'none',
    unruled: { batch: 'ask', passthrough: 'allow' },
    rules: lists.map((list) => ({ list, pattern: 'merge', place })),
    tools: [
      {
        tool: 'merge',
        place,
        class: 'destructive',
        when: [{ args: { trial: [true] }, class: 'write', place }],
      },
    ],
    limits: {},
    domain: 'forge',
    base: '/',
    foldCase: false,
  };
  const tools = [{ name: 'merge', inputSchema: { type: 'object' } }];
  const { entries } = buildCatalog([{ server: 'forge', policy, tools }], { naming: 'prefixed' });
  const args = { trial: { $result: 'c0' } };
  const open = { arguments: args, isOpen: true, holes: ['/trial'], validate: () => ({ reasons: [] }) };
  return judgeCall(entries[0]!, open).error?.code ?? 'open';
}

test('what decides by the tool is final, what decides by arguments waits for them', () => {
  expect(judgeOpen([])).toBe('open');
  expect(judgeOpen(['allow'])).toBe('open');
  expect(judgeOpen(['ask'])).toBe('approval_unavailable');
  expect(judgeOpen(['deny'])).toBe('denied_by_policy');
});
