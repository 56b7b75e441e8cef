import { describe, expect, it } from 'vitest';
import { renderProblem } from '../../src/core/place.ts';
import { findDeadRules } from '../../src/policy/find-dead-rules.ts';
import { makePolicy } from './make-policy.ts';

describe('a rule that matches no tool', () => {
  const names = ['get_issue', 'delete_repository', 'label_write'];

  it('is reported with its place, and with the name that was perhaps meant', () => {
    const policy = makePolicy({
      read: ['get_*', 'get_isue'],
      destructive: ['delte_*'],
      deny: ['delete_repositry', 'zzz', 'zz*'],
      tools: { label_write: {}, lable_write: {} },
    });
    expect(findDeadRules(policy, names).map(renderProblem)).toEqual([
      'policies/test.yaml:2:3 read: "get_isue" matches no tool of this server; did you mean "get_issue"?',
      'policies/test.yaml:3:3 destructive: "delte_*" matches no tool of this server; did you mean "delete_*"?',
      'policies/test.yaml:4:3 deny: "delete_repositry" matches no tool of this server; did you mean "delete_repository"?',
      'policies/test.yaml:5:3 deny: "zzz" matches no tool of this server; remove it, or see `tools` for what there is',
      'policies/test.yaml:6:3 deny: "zz*" matches no tool of this server; remove it, or see `tools` for what there is',
      'policies/test.yaml:8:3 tools.lable_write: "lable_write" matches no tool of this server; did you mean "label_write"?',
    ]);
  });

  it('is reported of what the flow rule goes by as well', () => {
    const policy = makePolicy({ untrusted: ['get_isue'], private: ['secret_*'], exfiltrates: ['label_*'] });
    expect(findDeadRules(policy, names).map(({ key }) => key)).toEqual(['untrusted', 'private']);
  });

  it('is not reported where every rule is used', () => {
    const policy = makePolicy({ read: ['get_*'], deny: ['*_repository'], tools: { label_write: {} } });
    expect(findDeadRules(policy, new Set(names))).toEqual([]);
  });
});
