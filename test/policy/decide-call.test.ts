import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../src/config/policy.ts';
import type { CallRoute, Decision } from '../../src/core/verdict.ts';
import { classifyTool } from '../../src/policy/classify-tool.ts';
import { decideCall } from '../../src/policy/decide-call.ts';
import { makePolicy, makeTool } from './make-policy.ts';

const decide = (policy: Policy, route: CallRoute = 'batch', toolName = 'ab'): Decision => {
  const tool = makeTool(toolName);
  return decideCall({ tool, policy, classification: classifyTool(tool, policy), route });
};

describe('what may be done with a call', () => {
  it.each(['batch', 'passthrough'] as const)('is the same over %s where a rule says so', (route) => {
    expect(decide(makePolicy({ deny: ['a*'], ask: ['ab'], allow: ['ab'] }), route)).toEqual({
      decision: 'deny',
      reason: 'rule deny "a*" (policies/test.yaml:1)',
      place: { file: 'policies/test.yaml', line: 1, column: 3 },
    });
    expect(decide(makePolicy({ ask: ['*'], allow: ['ab'] }), route).decision).toBe('ask');
    expect(decide(makePolicy({ allow: ['ab'], destructive: ['ab'] }), route)).toMatchObject({
      decision: 'allow',
      reason: 'rule allow "ab" (policies/test.yaml:2)',
    });
  });

  it('is anything for reads and writes without a rule', () => {
    for (const route of ['batch', 'passthrough'] as const) {
      expect(decide(makePolicy({ read: ['ab'] }), route).decision).toBe('allow');
      expect(decide(makePolicy({ write: ['ab'] }), route).decision).toBe('allow');
    }
  });

  it('is asked about for a destructive call of a batch, and left to the client for a single one', () => {
    const policy = makePolicy({ destructive: ['ab'] });
    expect(decide(policy, 'batch')).toEqual({
      decision: 'ask',
      reason: 'it is destructive: rule destructive "ab" (policies/test.yaml:1)',
    });
    expect(decide(policy, 'passthrough').decision).toBe('allow');
  });

  it('is refused wherever a deny rule is added, and never allowed by an order of rules', () => {
    const patterns = fc.array(fc.constantFrom('*', 'a*', '*b', 'ab', 'x'), { maxLength: 3 });
    const lists = fc.record({ allow: patterns, ask: patterns, read: patterns, write: patterns, destructive: patterns });
    fc.assert(
      fc.property(lists, fc.constantFrom('*', 'a*', 'ab', '?b'), fc.nat(), (given, pattern, at) => {
        const policy = makePolicy(given);
        const rule = { list: 'deny' as const, pattern, place: { file: 'p', line: 1, column: 1 } };
        const rules = policy.rules.toSpliced(at % (policy.rules.length + 1), 0, rule);
        expect(decide({ ...policy, rules }).decision).toBe('deny');
        expect(decide({ ...policy, rules: policy.rules.toReversed() }).decision).toBe(decide(policy).decision);
      }),
    );
  });
});
