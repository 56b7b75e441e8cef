import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import type { Annotations } from '../../src/core/tool.ts';
import { explainTool, renderStep } from '../../src/policy/explain-tool.ts';
import { makePolicy, makeTool } from './make-policy.ts';

const policy = makePolicy({
  read: ['get_*'],
  write: ['delete_*'],
  destructive: ['drop_*', 'delete_*'],
  ask: ['*_tag'],
  allow: ['delete_tag'],
  tools: { label: { class: 'destructive', when: [{ args: { method: ['create'] }, class: 'write' }] } },
});
const lines = (args?: JsonObject): string[] =>
  explainTool(makeTool('label'), policy, { args }).steps.slice(0, 2).map(renderStep);
const decidingOf = (annotations: Annotations): string[] =>
  explainTool(makeTool('x', annotations), policy)
    .steps.filter((step) => step.decided)
    .map((step) => step.text);

describe('the explanation of a tool', () => {
  it('shows every rule with its place, whether it matches and which one decides', () => {
    const { steps, classification, decisions } = explainTool(makeTool('delete_tag', { readOnlyHint: true }), policy);
    expect(steps.map(renderStep)).toEqual([
      'policies/test.yaml:3:3 destructive "drop_*" does not match',
      'policies/test.yaml:4:3 destructive "delete_*" matches -> decides',
      'policies/test.yaml:2:3 write "delete_*" matches',
      'policies/test.yaml:1:3 read "get_*" does not match',
      "the server's hint readOnlyHint: true: read (annotations: trust) matches",
      'unannotated: write does not match',
      'policies/test.yaml:5:3 ask "*_tag" matches -> decides',
      'policies/test.yaml:6:3 allow "delete_tag" matches',
      'default for destructive: ask in a batch, allow as a single call does not match',
    ]);
    expect(classification.class).toBe('destructive');
    expect(decisions).toMatchObject({ batch: { decision: 'ask' }, passthrough: { decision: 'ask' } });
  });

  it('shows which case of an entry holds for the given arguments', () => {
    const when = 'policies/test.yaml:8:3 tools.label when method is "create": write';
    const own = 'policies/test.yaml:7:3 tools.label: destructive';
    expect(lines({ method: 'create' })).toEqual([`${when} matches -> decides`, `${own} matches`]);
    expect(lines({ method: 'drop' })).toEqual([`${when} does not match`, `${own} matches -> decides`]);
    expect(lines()).toEqual([`${when} matches`, `${own} matches -> decides`]);
  });

  it('names the hint or the default where no rule decides', () => {
    expect(decidingOf({ readOnlyHint: true })).toEqual([
      "the server's hint readOnlyHint: true: read (annotations: trust)",
      'default for read: allow in a batch, allow as a single call',
    ]);
    expect(decidingOf({})).toEqual([
      'unannotated: write',
      'default for write: allow in a batch, allow as a single call',
    ]);
  });

  it('puts the lock file before every rule, and shows the marks of the flow rule last', () => {
    const marked = makePolicy({ allow: ['send'], exfiltrates: ['send'], private: ['get'] });
    const { decisions, steps } = explainTool(makeTool('send'), marked, { quarantine: 'its description' });
    expect(decisions.passthrough).toMatchObject({ decision: 'deny', code: 'tool_changed' });
    expect(steps.map(renderStep).slice(-5)).toEqual([
      'lock file: its description matches -> decides',
      'policies/test.yaml:1:3 allow "send" matches',
      'default for write: allow in a batch, allow as a single call does not match',
      'policies/test.yaml:2:3 private "get" does not match',
      'policies/test.yaml:3:3 exfiltrates "send" matches',
    ]);
  });

  it('says that hints are not followed under ignore', () => {
    const { steps } = explainTool(makeTool('x', { readOnlyHint: true }), makePolicy({ annotations: 'ignore' }));
    expect(steps[0]).toMatchObject({ text: expect.stringContaining('ignore'), matched: false, decided: false });
  });
});
