import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import type { Annotations, Tool, ToolClass } from '../../src/core/tool.ts';
import { classifyTool } from '../../src/policy/classify-tool.ts';
import { findDeadRules } from '../../src/policy/find-dead-rules.ts';
import { locksOfCall } from '../../src/policy/locks/locks-of-call.ts';
import { readShippedPolicy } from './read-shipped-policy.ts';

interface Fact {
  name: string;
  annotations: Annotations;
  enums: Record<string, string[]>;
}

const fixture = readFileSync(new URL('../fixtures/tools/github.json', import.meta.url), 'utf8');
const { tools: facts }: { tools: Fact[] } = JSON.parse(fixture);
const tools = facts.map((fact): Tool => ({ ...fact, inputSchema: { type: 'object' } }));
const policy = await readShippedPolicy('github');
const ofClass = (toolClass: ToolClass): string[] =>
  tools.filter((tool) => classifyTool(tool, policy).class === toolClass).map((tool) => tool.name);

const writes = `
  add_comment_to_pending_review add_issue_comment add_issue_comment_reaction add_issue_reaction
  add_pull_request_review_comment add_pull_request_review_comment_reaction add_reply_to_pull_request_comment add_sub_issue
  assign_copilot_to_issue assign_copilot_to_issue_with_intent create_branch create_gist create_issue create_or_update_file
  create_pull_request create_pull_request_review create_repository dismiss_notification fork_repository issue_write
  mark_all_notifications_read push_files reprioritize_sub_issue request_copilot_review request_pull_request_reviewers
  resolve_review_thread set_issue_fields star_repository submit_pending_pull_request_review unresolve_review_thread
  unstar_repository update_gist update_issue_assignees update_issue_body update_issue_labels update_issue_milestone
  update_issue_state update_issue_title update_issue_type update_pull_request update_pull_request_body
  update_pull_request_branch update_pull_request_draft_state update_pull_request_state update_pull_request_title`
  .trim()
  .split(/\s+/);
const destructive = `
  actions_run_trigger delete_file delete_pending_pull_request_review delete_repository discussion_comment_write
  issue_dependency_write label_write manage_notification_subscription manage_repository_notification_subscription
  merge_pull_request projects_write pull_request_review_write remove_sub_issue sub_issue_write`
  .trim()
  .split(/\s+/);

describe('the policy for GitHub', () => {
  it('takes exactly the 58 reads for reads', () => {
    expect(tools).toHaveLength(117);
    expect(ofClass('read')).toHaveLength(58);
    expect(ofClass('read')).toEqual(facts.filter((fact) => fact.annotations.readOnlyHint).map((fact) => fact.name));
  });

  it('takes none of the 59 others for a read', () => {
    expect(ofClass('write')).toEqual(writes);
    expect(ofClass('destructive')).toEqual(destructive);
    expect(writes.length + destructive.length).toBe(59);
  });

  it('knows every tool by a rule, whatever the server says of it', () => {
    for (const annotations of [{}, { readOnlyHint: true }, { destructiveHint: true }]) {
      for (const tool of tools) {
        const { name } = tool;
        const verdict = classifyTool({ ...tool, annotations }, policy);
        expect({ name, ...verdict }).toEqual({ name, ...classifyTool(tool, policy), source: 'rule' });
      }
    }
  });

  it('has no rule without a tool', () => {
    expect(
      findDeadRules(
        policy,
        tools.map((tool) => tool.name),
      ),
    ).toEqual([]);
  });

  it('is never laxer than a destructiveHint of the server', () => {
    const hinted = facts.filter((fact) => fact.annotations.destructiveHint).map((fact) => fact.name);
    expect(hinted).toHaveLength(10);
    expect(ofClass('destructive')).toEqual(expect.arrayContaining(hinted));
  });

  it('takes a tool that it does not know for a write, even if it calls itself read-only', () => {
    const annotations = { readOnlyHint: true };
    expect(classifyTool({ name: 'get_everything', inputSchema: {}, annotations }, policy).class).toBe('write');
  });

  const dangerous: Record<string, { argument: string; values: string[] }> = {
    actions_run_trigger: { argument: 'method', values: ['delete_workflow_run_logs'] },
    discussion_comment_write: { argument: 'method', values: ['delete'] },
    issue_dependency_write: { argument: 'method', values: ['remove'] },
    label_write: { argument: 'method', values: ['delete'] },
    manage_notification_subscription: { argument: 'action', values: ['delete'] },
    manage_repository_notification_subscription: { argument: 'action', values: ['delete'] },
    projects_write: { argument: 'method', values: ['delete_project_item', 'delete_project_view'] },
    pull_request_review_write: { argument: 'method', values: ['delete_pending'] },
    sub_issue_write: { argument: 'method', values: ['remove'] },
  };

  it('judges every tool that does several things by what it is to do', () => {
    expect(policy.tools.map((rule) => rule.tool)).toEqual(Object.keys(dangerous));
    for (const [name, { argument, values }] of Object.entries(dangerous)) {
      const fact = facts.find((candidate) => candidate.name === name);
      // The server does not list the methods of this one tool.
      const known = name === 'sub_issue_write' ? ['add', 'remove', 'reprioritize'] : (fact?.enums[argument] ?? []);
      expect(known).toEqual(expect.arrayContaining(values));
      for (const value of known) {
        const expected = values.includes(value) ? 'destructive' : 'write';
        const tool = { name, inputSchema: {} };
        expect([name, value, classifyTool(tool, policy, { [argument]: value }).class]).toEqual([name, value, expected]);
      }
      const others: JsonObject[] = [{}, { [argument]: 'DELETE' }, { [argument]: 'new_one' }, { other: known[0] }];
      for (const args of others) {
        expect(classifyTool({ name, inputSchema: {} }, policy, args).class).toBe('destructive');
      }
    }
  });

  it('names in its cases only values that the tools accept', () => {
    const rules = policy.tools.filter((rule) => rule.tool !== 'sub_issue_write');
    expect(rules).toHaveLength(8);
    for (const { tool, when } of rules) {
      for (const [argument, values] of when.flatMap((each) => Object.entries(each.args))) {
        expect(facts.find((fact) => fact.name === tool)?.enums[argument]).toEqual(expect.arrayContaining([...values]));
      }
    }
  });

  it('lets reads share the server and gives a write the whole of it', () => {
    const args = { owner: 'o', repo: 'r' };
    const domainLock = (toolName: string, toolClass: ToolClass): string | undefined =>
      locksOfCall({ policy, toolName, class: toolClass, args, route: 'batch' }).at(-1)?.mode;
    expect(domainLock('issue_read', 'read')).toBe('S');
    expect(domainLock('issue_write', 'write')).toBe('X');
    expect(policy.limits).toEqual({ maxParallel: 6, maxParallelWrites: 1 });
  });
});
