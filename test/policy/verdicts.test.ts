import { describe, expect, test } from 'vitest';
import type { Policy, Rule } from '../../src/config/policy.ts';
import type { ToolClass } from '../../src/core/tool.ts';
import type { Caller, CallRoute, Decision, Touched } from '../../src/core/verdict.ts';
import { classifyTool } from '../../src/policy/classify-tool.ts';
import { decideCall } from '../../src/policy/decide-call.ts';
import { makePolicy, makeTool } from './make-policy.ts';

const routes = ['batch', 'passthrough'] as const;
const both: Touched = { untrusted: 'web__fetch', private: 'mail__read' };
const flowOf = (action: 'ask' | 'deny', touched = both): Caller => ({ flow: { action, touched } });
const scopesOf = (...scopes: ToolClass[]): Caller => ({ scopes: new Set(scopes) });
const quarantine = 'its description changed';

interface Given {
  /** The lists in which the tool stands. */
  lists: readonly Rule['list'][];
  caller?: Caller;
  quarantine?: string;
  unruled?: Partial<Policy['unruled']>;
}

function decide(route: CallRoute, { lists, caller, quarantine: why, unruled }: Given): Decision {
  const policy = makePolicy({
    ...Object.fromEntries(lists.map((list) => [list, ['send']])),
    unruled: { batch: 'ask', passthrough: 'allow', ...unruled },
  });
  const tool = makeTool('send');
  const classification = classifyTool(tool, policy);
  return decideCall({ tool, policy, classification, route, exposedName: 'mail__send', caller, quarantine: why });
}

type Says = Decision['decision'] | 'tool_changed';
const saysOf = ({ decision, code }: Decision): Says => (code === 'tool_changed' ? code : decision);

describe('each verdict is the same in a batch and as a call by itself', () => {
  test.each<[what: string, given: Given, says: Says]>([
    ['a read without a rule', { lists: ['read'] }, 'allow'],
    ['a write without a rule', { lists: ['write'] }, 'allow'],
    ['an allow rule', { lists: ['write', 'allow'] }, 'allow'],
    ['an allow rule, over what is destructive', { lists: ['destructive', 'allow'] }, 'allow'],
    ['an ask rule', { lists: ['read', 'ask'] }, 'ask'],
    ['an ask rule beside an allow rule', { lists: ['read', 'ask', 'allow'] }, 'ask'],
    ['a deny rule', { lists: ['read', 'deny'] }, 'deny'],
    ['a deny rule beside all others', { lists: ['read', 'deny', 'ask', 'allow'] }, 'deny'],
    ['quarantine', { lists: ['read'], quarantine }, 'tool_changed'],
    ['quarantine, over an allow rule', { lists: ['read', 'allow'], quarantine }, 'tool_changed'],
    ['quarantine, over a deny rule', { lists: ['read', 'deny'], quarantine }, 'tool_changed'],
    ['a scope that is there', { lists: ['write'], caller: scopesOf('read', 'write') }, 'allow'],
    ['a scope that is missing', { lists: ['write'], caller: scopesOf('read') }, 'deny'],
    ['a scope that is missing, over an allow rule', { lists: ['write', 'allow'], caller: scopesOf('read') }, 'deny'],
    ['a scope that is missing, over an ask rule', { lists: ['write', 'ask'], caller: scopesOf('read') }, 'deny'],
    ['no scope at all', { lists: ['read'], caller: scopesOf() }, 'deny'],
    ['scopes that skip a class', { lists: ['write'], caller: scopesOf('read', 'destructive') }, 'deny'],
    ['the flow rule that asks', { lists: ['write', 'exfiltrates'], caller: flowOf('ask') }, 'ask'],
    ['the flow rule, over an allow rule', { lists: ['write', 'exfiltrates', 'allow'], caller: flowOf('ask') }, 'ask'],
    ['the flow rule, of a read', { lists: ['read', 'exfiltrates'], caller: flowOf('ask') }, 'ask'],
    ['the flow rule that denies', { lists: ['write', 'exfiltrates'], caller: flowOf('deny') }, 'deny'],
    ['the flow rule that denies, over an ask rule', { lists: ['ask', 'exfiltrates'], caller: flowOf('deny') }, 'deny'],
    ['a tool that lets nothing out', { lists: ['write', 'private', 'untrusted'], caller: flowOf('deny') }, 'allow'],
    ['nothing private read', { lists: ['write', 'exfiltrates'], caller: flowOf('deny', { untrusted: 'x' }) }, 'allow'],
    ['nothing untrusted read', { lists: ['write', 'exfiltrates'], caller: flowOf('deny', { private: 'x' }) }, 'allow'],
    ['its own reading', { lists: ['private', 'untrusted', 'exfiltrates'], caller: flowOf('deny', {}) }, 'allow'],
    ['no flow rule', { lists: ['write', 'exfiltrates'], caller: {} }, 'allow'],
    [
      'a destructive call in scope, denied',
      { lists: ['destructive', 'deny'], caller: scopesOf('destructive') },
      'deny',
    ],
  ])('%s', (_, given, says) => {
    expect(routes.map((route) => saysOf(decide(route, given)))).toEqual([says, says]);
  });
});

describe('a destructive call that no rule decides is what the configuration says', () => {
  test('and unless that says otherwise, asked about in a batch alone', () => {
    expect(routes.map((route) => decide(route, { lists: ['destructive'] }).decision)).toEqual(['ask', 'allow']);
  });

  test.each(['allow', 'ask', 'deny'] as const)('%s, on either way', (decision) => {
    for (const route of routes) {
      const given: Given = { lists: ['destructive'], unruled: { [route]: decision } };
      expect(decide(route, given).decision).toBe(decision);
      expect(decide(route, { ...given, lists: ['destructive', 'allow'] }).decision).toBe('allow');
      expect(decide(route, { ...given, lists: ['write'] }).decision).toBe('allow');
    }
  });
});

describe('each verdict says why', () => {
  test.each<[Given, Partial<Decision>]>([
    [
      { lists: ['read'], quarantine },
      { code: 'tool_changed', reason: quarantine },
    ],
    [
      { lists: ['read', 'deny'] },
      {
        reason: 'rule deny "send" (policies/test.yaml:2)',
        place: { file: 'policies/test.yaml', line: 2, column: 3 },
      },
    ],
    [
      { lists: ['destructive'], caller: scopesOf('write', 'read') },
      {
        reason:
          'the token (scopes read, write) does not allow destructive calls, and it is destructive: rule destructive "send" (policies/test.yaml:1); it takes one with the scope destructive',
      },
    ],
    [
      { lists: ['read'], caller: scopesOf() },
      { reason: expect.stringContaining('the token without scopes does not allow read calls') },
    ],
    [
      { lists: ['write', 'exfiltrates'], caller: flowOf('ask') },
      {
        isFlow: true,
        reason:
          'the flow rule: since web__fetch (untrusted) and mail__read (private) were read before, and mail__send can let things out',
      },
    ],
    [
      { lists: ['write', 'exfiltrates'], caller: flowOf('deny', { untrusted: 'mail__read', private: 'mail__read' }) },
      { reason: expect.stringContaining('since mail__read (untrusted and private) was read before') },
    ],
    [
      { lists: ['destructive'], unruled: { batch: 'deny' } },
      { reason: expect.stringContaining('approvals.batch denies what no rule decides') },
    ],
  ])('%o', (given, says) => {
    expect(decide('batch', given)).toMatchObject(says);
  });
});
