import { describe, expect, test } from 'vitest';
import type { Policy, ToolRule } from '../../../../src/config/policy.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import { planEverywhere, silentPolicy } from './plan-everywhere.ts';

const place = { file: 'wiki.yaml', line: 1, column: 1 };
const rule = (tool: string, more: Partial<ToolRule>): ToolRule => ({ tool, place, when: [], ...more });

function cacheTimeOf(name: string, policyCacheMs: number | undefined, args: JsonObject = {}): (number | undefined)[] {
  const policy: Policy = {
    ...silentPolicy,
    rules: [{ list: 'read', pattern: 'get_*', place }],
    tools: [
      rule('get_page', { cacheMs: 5_000 }),
      rule('get_news', { cacheMs: 'none' }),
      rule('put_page', { cacheMs: 5_000 }),
      rule('get_time', { locks: 'none' }),
      rule('get_rules', { locks: 'none', cacheMs: 5_000 }),
      rule('query', { when: [{ args: { kind: ['look'] }, class: 'read', place }], class: 'write', cacheMs: 700 }),
    ],
    ...(policyCacheMs !== undefined && { cacheMs: policyCacheMs }),
  };
  return planEverywhere({ name, inputSchema: { type: 'object' } }, { policy, args }).map(({ cacheMs }) => cacheMs);
}

describe('how long a result may be used again, in a batch, as an element and as a call of its own', () => {
  test.each<[string, number | undefined, JsonObject, number | undefined]>([
    ['get_page', 60_000, {}, 5_000],
    ['get_page', undefined, {}, 5_000],
    ['get_other', 60_000, {}, 60_000],
    ['get_other', undefined, {}, undefined],
    ['get_news', 60_000, {}, undefined],
    // What locks nothing, such as a clock, only by a rule of its own.
    ['get_time', 60_000, {}, undefined],
    ['get_rules', 60_000, {}, 5_000],
    ['put_page', 60_000, {}, undefined],
    ['query', 60_000, { kind: 'look' }, 700],
    ['query', 60_000, { kind: 'change' }, undefined],
  ])('%s under a policy that says %s, with %j: %s ms', (tool, policyMs, args, expected) => {
    expect(cacheTimeOf(tool, policyMs, args)).toEqual([expected, expected, expected]);
  });
});
