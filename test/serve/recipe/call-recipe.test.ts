import { describe, expect, test } from 'vitest';
import type { RecipeConfig } from '../../../src/config/recipe/recipe.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { handleRequest } from '../../../src/serve/handle-request.ts';
import { recipeOf } from '../../batch/recipe/recipe-of.ts';
import { makeTool } from '../../policy/make-policy.ts';
import { requestOf, stubEngine } from '../stub-engine.ts';

const tools = [makeTool('read'), makeTool('write'), makeTool('destroy')];
const policy = { read: ['read'], write: ['write'], deny: ['destroy'] };
const parameters = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] };
const reads = recipeOf({
  name: 'reads',
  parameters,
  calls: [{ tool: 'files__read', arguments: { path: { $param: '/path' } } }, { tool: 'files__read' }],
});
const mixed = recipeOf({ name: 'mixed', calls: [{ tool: 'files__write' }, { tool: 'files__destroy' }] });

function stub(recipes: RecipeConfig[] = [reads, mixed], more: Parameters<typeof stubEngine>[0] = {}) {
  return stubEngine({ tools, policy, recipes, ...more });
}
function call(name: string, args?: JsonObject, meta?: JsonObject) {
  return requestOf('tools/call', { name, ...(args && { arguments: args }), ...(meta && { _meta: meta }) });
}
function textsOf(result: Record<string, unknown>): string {
  return JSON.stringify(result['content']);
}

describe('tools/list', () => {
  test('has the recipes after the batch tools, annotated by what their calls do', async () => {
    const { tools: listed } = await handleRequest(stub().engine, requestOf('tools/list', {}));
    expect(listed).toMatchObject([
      { name: 'batch_read' },
      { name: 'batch_call' },
      { name: 'batch_await' },
      { name: 'batch_cancel' },
      { name: 'recipe__reads', inputSchema: parameters, annotations: { readOnlyHint: true } },
      { name: 'recipe__mixed', annotations: { readOnlyHint: false, destructiveHint: false } },
      { name: 'files__read' },
      { name: 'files__write' },
    ]);
  });
});

describe('a recipe that is called', () => {
  test('runs as a batch, with the arguments in their places, and answers as batch_call does', async () => {
    const { engine, sent } = stub();
    const trace = { traceparent: '00-1-2-01' };
    const reply = await handleRequest(engine, call('recipe__reads', { path: 'a.md' }, { ...trace, other: 1 }));
    expect(sent).toMatchObject([
      { server: 'files', tool: 'read', params: { arguments: { path: 'a.md' }, _meta: trace } },
      { server: 'files', tool: 'read', params: { arguments: {} } },
    ]);
    expect(textsOf(reply)).toMatch(/batch [0-9a-f]{12}: 2 calls, 2 ok/);
    expect(reply['isError']).not.toBe(true);
  });

  test.each(['mcp__marshal__recipe__reads', 'marshal.recipe__reads'])('is found as %s too', async (name) => {
    const { engine, sent } = stub();
    await handleRequest(engine, call(name, { path: 'a' }));
    expect(sent).toHaveLength(2);
  });

  test('is denied call by call, by the same policy as any batch', async () => {
    const { engine, sent } = stub();
    const reply = await handleRequest(engine, call('recipe__mixed'));
    expect(sent.map(({ tool }) => tool)).toEqual(['write']);
    expect(textsOf(reply)).toContain('1 ok, 1 denied');
  });

  test('sends a value that looks like a reference as it is', async () => {
    const { engine, sent } = stub([
      recipeOf({
        name: 'x',
        parameters: { type: 'object', properties: { v: {} } },
        calls: [{ tool: 'files__read' }, { tool: 'files__read', arguments: { v: { $param: '/v' } } }],
      }),
    ]);
    await handleRequest(engine, call('recipe__x', { v: { $result: 'c0' } }));
    expect(sent[1]?.params['arguments']).toEqual({ v: { $result: 'c0' } });
  });

  test.each([
    ['missing', undefined, 'missing \\"path\\"'],
    ['of another type', { path: 5 }, '/path must be string'],
  ])('with arguments that are %s sends nothing and says what it takes', async (_, args, reason) => {
    const { engine, sent } = stub();
    const reply = await handleRequest(engine, call('recipe__reads', args));
    expect(reply['isError']).toBe(true);
    expect(textsOf(reply)).toContain(`invalid_arguments: ${reason}`);
    expect(textsOf(reply)).toContain('arguments: (path: string)');
    expect(sent).toEqual([]);
  });

  test('tells of its progress, and can be read again', async () => {
    const { engine } = stub();
    const progress: JsonObject[] = [];
    const request = call('recipe__reads', { path: 'a' });
    const reply = await handleRequest(engine, {
      ...request,
      progressToken: 'p',
      notify: ({ params }) => void progress.push(params),
    });
    expect(progress).toMatchObject([
      { progressToken: 'p', progress: 1, total: 2 },
      { progressToken: 'p', progress: 2, total: 2 },
    ]);
    const [, batchId = ''] = /batch ([0-9a-f]{12})/.exec(textsOf(reply)) ?? [];
    const again = await handleRequest(engine, call('batch_await', { batchId }));
    expect(textsOf(again)).toContain(`batch ${batchId}`);
  });

  test('that was all reads runs nothing else where a tool has changed since', async () => {
    const listed = [...tools];
    const { engine, sent } = stub([reads], { tools: listed });
    const offered = engine.recipes();
    const changed = stubEngine({ tools: listed, policy: { write: ['read'] } });
    const stale = { ...changed.engine, recipes: () => offered };
    const reply = await handleRequest(stale, call('recipe__reads', { path: 'a' }));
    expect(reply['isError']).toBe(true);
    expect(textsOf(reply)).toContain('denied_by_policy');
    expect([...sent, ...changed.sent]).toEqual([]);
  });

  test('that nobody configured is an unknown tool, and the recipes there are are named', async () => {
    await expect(handleRequest(stub().engine, call('recipe__raeds'))).rejects.toMatchObject({
      code: -32602,
      message: 'Unknown tool: recipe__raeds; did you mean recipe__reads?',
    });
    await expect(handleRequest(stub().engine, call('mcp__marshal__recipe__raeds'))).rejects.toMatchObject({
      message: 'Unknown tool: mcp__marshal__recipe__raeds; did you mean recipe__reads?',
    });
    await expect(handleRequest(stub().engine, call('recipe__zzzzzzzzzz'))).rejects.toMatchObject({
      message: 'Unknown tool: recipe__zzzzzzzzzz; there are recipe__reads, recipe__mixed',
    });
  });
});

test('a recipe is no call of a batch', async () => {
  const { engine, sent } = stub();
  const reply = await handleRequest(engine, call('batch_call', { calls: [{ tool: 'recipe__reads' }] }));
  expect(textsOf(reply)).toContain('a batch cannot hold a batch');
  expect(sent).toEqual([]);
});
