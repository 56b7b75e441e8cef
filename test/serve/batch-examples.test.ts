import { describe, expect, test } from 'vitest';
import { batchTools } from '../../src/batch/batch-tools.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { SendResult } from '../../src/core/outcome.ts';
import { handleRequest } from '../../src/serve/handle-request.ts';
import { settings } from '../batch/tiny-catalog.ts';
import { makeTool } from '../policy/make-policy.ts';
import { requestOf, stubEngine } from './stub-engine.ts';

const reads = ['search_issues', 'get_issue', 'search_files', 'read_text_file'];
const tools = [...reads, 'write_file'].map((name) => makeTool(name));
const issue = '{"number":42,"title":"It crashes"}';

/** What real servers of these names answer: JSON as text, and text that is repeated as the one field of structured content. */
const answers: Record<string, JsonObject> = {
  search_issues: textOf(`{"total_count":1,"items":[${issue}]}`),
  get_issue: textOf(issue),
  search_files: { ...textOf('/a.md\n/b.md'), structuredContent: { content: '/a.md\n/b.md' } },
  read_text_file: { ...textOf('hello'), structuredContent: { content: 'hello' } },
  write_file: textOf('written'),
};

function textOf(text: string): JsonObject {
  return { content: [{ type: 'text', text }] };
}

/** The batches that models are shown, all tools at one server, and what is sent upstream when they run. */
async function run(which: number) {
  const shown = batchTools(settings).find(({ name }) => name === 'batch_call')?.description ?? '';
  const [...examples] = shown.matchAll(/\{"calls":.*$/gm);
  const batch: JsonObject = JSON.parse((examples[which]?.[0] ?? '').replaceAll('github__', 'files__'));
  const answer = ({ tool }: { tool: string }): SendResult => ({ ok: true, result: answers[tool]! });
  const { engine, sent } = stubEngine({ tools, policy: { read: reads }, answer });
  const params = { name: 'batch_call', arguments: { ...batch, format: 'structured' } };
  const reply = await handleRequest(engine, requestOf('tools/call', params));
  return { reply, sent: sent.map(({ tool, params: { arguments: args } }) => [tool, args]) };
}

describe('the examples that models are shown do what they show', () => {
  test('a chain finds, reads and writes in one round trip', async () => {
    const { reply, sent } = await run(0);
    expect(sent).toEqual([
      ['search_issues', { query: 'crash' }],
      ['get_issue', { number: 42 }],
      ['write_file', { path: 'crash.md', content: issue }],
    ]);
    expect(reply['structuredContent']).toMatchObject({ status: 'completed', counts: { ok: 3 } });
  });

  test('a fan-out reads every file that was found', async () => {
    const { reply, sent } = await run(1);
    expect(sent).toEqual([
      ['search_files', { path: '.', pattern: '*.md' }],
      ['read_text_file', { path: '/a.md' }],
      ['read_text_file', { path: '/b.md' }],
    ]);
    expect(reply['structuredContent']).toMatchObject({
      counts: { ok: 2 },
      results: [{ id: 'f' }, { status: 'ok', items: [{ id: 'c1[0]' }, { id: 'c1[1]' }] }],
    });
  });
});
