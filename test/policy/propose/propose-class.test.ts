import { describe, expect, test } from 'vitest';
import type { Annotations, Tool } from '../../../src/core/tool.ts';
import { proposeClass } from '../../../src/policy/propose/propose-class.ts';
import { proposePolicy } from '../../../src/policy/propose/propose-policy.ts';

function tool(name: string, annotations?: Annotations, properties = {}): Tool {
  return { name, inputSchema: { type: 'object', properties }, ...(annotations && { annotations }) };
}
const reads = { readOnlyHint: true };

describe('a tool that nobody has judged', () => {
  test.each([
    [tool('get_issue', reads), 'read'],
    [tool('create_issue', { readOnlyHint: false, destructiveHint: false }), 'write'],
    [tool('delete_issue', { destructiveHint: true }), 'destructive'],
  ])('is what its hint says where its name agrees: %#', (one, expected) => {
    expect(proposeClass(one)).toEqual({ class: expected, doubts: [], remarks: [] });
  });

  test('that reaches what is outside is said to, and is not doubtful for that: of many servers every tool does', () => {
    const open = tool('get_page', { ...reads, openWorldHint: true });
    expect(proposeClass(open)).toEqual({
      class: 'read',
      doubts: [],
      remarks: ['reaches what is outside (openWorldHint)'],
    });
  });

  test.each([
    [tool('delete_repo', reads), 'destructive', 'the server says readOnlyHint: true, its name says "delete"'],
    [tool('sendMessage', reads), 'write', 'the server says readOnlyHint: true, its name says "send"'],
    [tool('get_issue', { destructiveHint: true }), 'destructive', 'its name says "get"'],
    [tool('read_and_delete', reads), 'destructive', 'its name says "delete"'],
    [tool('query_delete', reads), 'destructive', 'its name says "delete"'],
    [tool('deletefile', reads), 'destructive', 'its name says "deletefile"'],
    [tool('s3delete', reads), 'destructive', 'its name says "s3delete"'],
    [tool('overwrite_file', reads), 'destructive', 'its name says "overwrite"'],
    [tool('purchase', reads), 'write', 'its name says "purchase"'],
    [tool('ask', reads, { sqlQuery: { type: 'string' } }), 'write', 'runs the SQL in its argument "sqlQuery"'],
    [tool('get_issue'), 'write', 'no hint; its name says "get"'],
    [tool('frobnicate'), 'write', 'no hint'],
    [tool('remove_all'), 'destructive', 'no hint; its name says "remove"'],
    [tool('download_artifacts', reads), 'write', 'the server says readOnlyHint: true, its name says "download"'],
    [tool('atlas-connect-cluster', reads), 'write', 'its name says "connect"'],
    [tool('unapprove_merge_request', { openWorldHint: true }), 'write', ''],
    [tool('run', reads, { command: { type: 'string' } }), 'destructive', 'runs the commands in its argument "command"'],
    [tool('query', reads, { sql: { type: 'string' } }), 'write', 'runs the SQL in its argument "sql"'],
    [tool('aggregate', reads, { pipeline: { type: 'array' } }), 'write', 'runs the stages in its argument "pipeline"'],
    [tool('browser_evaluate', undefined, { function: { type: 'string' } }), 'destructive', 'runs the code in its'],
  ])('errs on the safe side where something contradicts, and says what: %#', (one, expected, doubt) => {
    const { class: proposed, doubts } = proposeClass(one);
    expect(proposed).toBe(expected);
    expect(doubts.join('; ')).toContain(doubt);
  });

  test.each(['get_deleted_items', 'list_merge_requests', 'get_reset_date', 'get_download_url'])(
    'is not what it shows: %s',
    (name) => {
      expect(proposeClass(tool(name, reads))).toEqual({ class: 'read', doubts: [], remarks: [] });
    },
  );

  test('is not taken for a shell by an argument that can only be one of a few words', () => {
    const chosen = tool('read_state', reads, { command: { enum: ['status', 'list'] } });
    expect(proposeClass(chosen)).toEqual({ class: 'read', doubts: [], remarks: [] });
  });
});

test('a proposal is the same in whatever order a server lists its tools', () => {
  const tools = [tool('b_get', reads), tool('a_get', reads), tool('delete_x', { destructiveHint: true })];
  const proposal = proposePolicy(tools);
  expect(proposal.lines.map((line) => line.tool)).toEqual(['a_get', 'b_get', 'delete_x']);
  expect(proposePolicy(tools.toReversed())).toEqual(proposal);
});
