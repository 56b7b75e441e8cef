import { describe, expect, test } from 'vitest';
import { judgeCall } from '../../../src/batch/plan/judge-call.ts';
import { buildCatalog } from '../../../src/catalog/build-catalog.ts';
import type { JsonValue } from '../../../src/core/json.ts';
import type { Policy, Rule } from '../../../src/config/policy.ts';
import type { ToolClass } from '../../../src/core/tool.ts';
import type { Caller } from '../../../src/core/verdict.ts';
import { makePolicy, makeTool } from '../../policy/make-policy.ts';

interface Case {
  lists?: readonly Rule['list'][];
  unruled?: Policy['unruled']['batch'];
  scopes?: readonly ToolClass[];
}

/** What becomes of a call of `merge`, which is a write only as a trial. */
function judge(trial: JsonValue, { lists = [], unruled = 'ask', scopes }: Case): string {
  const policy = makePolicy({
    ...Object.fromEntries(lists.map((list) => [list, ['merge']])),
    unruled: { batch: unruled, passthrough: 'allow' },
    tools: { merge: { class: 'destructive', when: [{ args: { trial: [true] }, class: 'write' }] } },
  });
  const { entries } = buildCatalog([{ server: 'forge', policy, tools: [makeTool('merge')] }], { naming: 'prefixed' });
  const caller: Caller = scopes === undefined ? {} : { scopes: new Set(scopes) };
  const isOpen = typeof trial === 'object';
  const holes = isOpen ? ['/trial'] : [];
  const args = { trial };
  const judged = judgeCall(entries[0]!, { arguments: args, isOpen, holes, caller, validate: () => ({ reasons: [] }) });
  if (judged.error !== undefined) return judged.error.code;
  const { approval, mayAsk } = judged.match;
  return approval !== undefined ? 'asks' : mayAsk === true ? 'may ask' : 'runs';
}

const open = { $result: 'c0' };

describe('a call whose arguments are still open', () => {
  test.each<[what: string, given: Case, says: string]>([
    ['that may turn out destructive may ask', {}, 'may ask'],
    ['that a rule allows runs', { lists: ['allow'] }, 'runs'],
    ['that a rule asks about may ask', { lists: ['ask'] }, 'may ask'],
    ['that a rule denies has ended', { lists: ['deny'] }, 'denied_by_policy'],
    ['that would be denied as the worst is waited for', { unruled: 'deny' }, 'runs'],
    ['beyond the scopes as the worst alone is waited for', { scopes: ['read', 'write'] }, 'runs'],
    ['beyond the scopes whatever it is has ended', { scopes: ['read'] }, 'denied_by_policy'],
  ])('%s', (_, given, says) => {
    expect(judge(open, given)).toBe(says);
  });
});

describe('a call whose arguments are known', () => {
  test.each<[trial: boolean, given: Case, says: string]>([
    [true, {}, 'runs'],
    [false, {}, 'asks'],
    [true, { unruled: 'deny' }, 'runs'],
    [false, { unruled: 'deny' }, 'denied_by_policy'],
    [false, { unruled: 'allow' }, 'runs'],
    [true, { scopes: ['read', 'write'] }, 'runs'],
    [false, { scopes: ['read', 'write'] }, 'denied_by_policy'],
    [true, { lists: ['ask'] }, 'asks'],
  ])('as a trial: %s, under %o %s', (trial, given, says) => {
    expect(judge(trial, given)).toBe(says);
  });
});
