import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { touchedBy } from '../../src/core/verdict.ts';
import { classifyTool } from '../../src/policy/classify-tool.ts';
import { decideCall } from '../../src/policy/decide-call.ts';
import { judgeFlow } from '../../src/policy/flow/judge-flow.ts';
import { marksOfTool } from '../../src/policy/flow/marks-of-tool.ts';
import { readShipped } from './shipped.ts';

const shipped = await readShipped();
const policyOf = (name: string) => shipped.find((one) => one.name === name)!.policy;

/** Beyond the name of a tool: what one of its arguments makes of it. */
const dangers: [key: string, args: JsonObject, why: string][] = [
  ['chrome-devtools navigate_page', { type: 'reload', initScript: 'steal()' }, 'runs code in the page'],
  ['playwright browser_route', { pattern: '**', contentType: 'text/html', body: '<script>' }, 'runs code in any site'],
  ['jira jira_post', { path: '/rest/api/3/bulk/issues/delete', body: {} }, 'deletes a thousand issues'],
  ['jira jira_post', { path: '/rest/api/3/project/A/delete' }, 'deletes a project'],
  ['jira jira_put', { path: '/rest/api/3/permissionscheme/1', body: {} }, 'gives permissions away'],
  ['gitlab update_project', { project_id: 'a', visibility: 'public' }, 'makes a private project public'],
  ['gitlab upload_markdown', { project_id: 'a', file_path: '/home/me/.ssh/id_rsa' }, 'hands over any file'],
  ['firecrawl firecrawl_parse', { filePath: '/home/me/taxes.pdf' }, 'hands over any file'],
];

describe('in a batch nobody is spared the question', () => {
  it.each(dangers)('of %s with %j, which %s', (key, args) => {
    const [server = '', name = ''] = key.split(' ');
    const policy = policyOf(server);
    const tool = { name, inputSchema: {} };
    const classification = classifyTool(tool, policy, args);
    expect(decideCall({ tool, policy, classification, route: 'batch' }).decision).toBe('ask');
  });

  it('but what is made all day goes without one', () => {
    const classOf = (server: string, name: string, args: JsonObject) =>
      classifyTool({ name, inputSchema: {} }, policyOf(server), args).class;
    expect(classOf('jira', 'jira_post', { path: '/rest/api/3/issue', body: {} })).toBe('write');
    expect(classOf('chrome-devtools', 'new_page', { url: 'https://example.com' })).toBe('write');
  });
});

it.each(shipped.flatMap(({ name, policy, recording }) => (recording ? [{ name, policy, recording }] : [])))(
  'a tool that writes a file where it is told to is no read: $name',
  ({ policy, recording }) => {
    const saving = recording.tools.filter(
      (tool) => 'filename' in Object(tool.inputSchema['properties']) && classifyTool(tool, policy).class === 'read',
    );
    expect(saving.map((tool) => tool.name)).toEqual([]);
  },
);

describe('under the flow rule private things do not follow the words of strangers out', () => {
  it.each([
    ['github', 'issue_read', 'get_file_contents', 'create_pull_request'],
    ['github', 'issue_read', 'get_file_contents', 'update_issue_body'],
    ['github', 'issue_read', 'get_file_contents', 'add_reply_to_pull_request_comment'],
    ['github-npm', 'get_issue', 'get_file_contents', 'create_issue'],
    ['gitlab', 'get_issue', 'get_file_contents', 'create_issue_note'],
    ['gitlab', 'get_issue', 'get_pipeline_variables', 'create_merge_request'],
  ])('%s: %s, %s, %s', (server, stranger, secret, way) => {
    expect(verdictOf([server, stranger], [server, secret], [server, way])).toBe('deny');
  });

  it.each([
    [
      ['fetch', 'fetch'],
      ['filesystem', 'read_text_file'],
      ['fetch', 'fetch'],
    ],
    [
      ['fetch', 'fetch'],
      ['git', 'git_diff_unstaged'],
      ['fetch', 'fetch'],
    ],
    [
      ['firecrawl', 'firecrawl_search'],
      ['filesystem', 'read_file'],
      ['firecrawl', 'firecrawl_monitor_create'],
    ],
  ] as [Step, Step, Step][])('%s, %s, %s', (...steps) => {
    expect(verdictOf(...steps)).toBe('deny');
  });
});

type Step = [server: string, tool: string];

function verdictOf(...steps: [Step, Step, Step]): string | undefined {
  const calls = steps.map(([server, tool]) => ({
    exposedName: `${server}__${tool}`,
    marks: marksOfTool(policyOf(server), tool),
  }));
  const touched = calls.slice(0, 2).reduce((before, call) => touchedBy(before, call), {});
  return judgeFlow({ action: 'deny', touched }, calls[2]!)?.action;
}
