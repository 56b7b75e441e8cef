import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { handleRequest } from '../../src/serve/handle-request.ts';
import { makeTool } from '../policy/make-policy.ts';
import { requestOf, stubEngine } from './stub-engine.ts';

const tools = [makeTool('read'), makeTool('write'), makeTool('destroy')];
const policy = { read: ['read'], write: ['write'], deny: ['destroy'] };
const calls = [{ tool: 'files__read' }, { tool: 'files__write' }];

function call(name: string, args: JsonObject = {}, meta?: JsonObject) {
  return requestOf('tools/call', { name, arguments: args, ...(meta && { _meta: meta }) });
}

describe('tools/list', () => {
  test('has the batch tools first, then what the servers offer, without what policy denies', async () => {
    const { tools: listed } = await handleRequest(stubEngine({ tools, policy }).engine, requestOf('tools/list', {}));
    const names = ['batch_read', 'batch_call', 'files__read', 'files__write'];
    expect(listed).toMatchObject(names.map((name) => ({ name })));
  });

  test('waits until the list may be shown', async () => {
    const waits: string[] = [];
    const { engine } = stubEngine({ tools, listable: () => waits.push('waited') });
    await handleRequest(engine, requestOf('tools/list', {}));
    expect(waits).toEqual(['waited']);
  });
});

describe('a request that cannot be answered', () => {
  test.each(['resources/list', 'prompts/get', 'no/such/method', ''])(
    'for the method "%s" says that there is none',
    async (method) => {
      const request = handleRequest(stubEngine().engine, requestOf(method, {}));
      await expect(request).rejects.toMatchObject({ code: -32601, message: `Method not found: ${method}` });
    },
  );

  test.each([undefined, 5, null, ['read']])('calls a tool whose name is %j', async (name) => {
    const params = name === undefined ? {} : { name };
    const request = handleRequest(stubEngine({ tools }).engine, requestOf('tools/call', params));
    await expect(request).rejects.toMatchObject({ code: -32602, message: 'tools/call needs params.name, a string' });
  });

  test('calls a tool that nobody has, after it has waited for the servers, and hears the nearest names', async () => {
    const waits: string[] = [];
    const { engine } = stubEngine({ tools, listable: () => waits.push('waited') });
    const request = handleRequest(engine, call('files__raed'));
    await expect(request).rejects.toMatchObject({
      code: -32602,
      message: expect.stringContaining('did you mean files__read'),
    });
    expect(waits).toEqual(['waited']);
  });

  test('calls a tool of a server that is not there now, and hears why, as a result that every model sees', async () => {
    const { engine } = stubEngine({ unavailable: () => 'the command "nmp" was not found' });
    const text = expect.stringMatching(/^server_unavailable: the server files .*the command "nmp" was not found/);
    expect(await handleRequest(engine, call('files__read'))).toEqual({
      content: [{ type: 'text', text }],
      isError: true,
    });
    await expect(handleRequest(engine, call('mail__read'))).rejects.toMatchObject({ code: -32602 });
  });
});

describe('a batch', () => {
  test('calls each tool under its own name, with its arguments alone', async () => {
    const { engine, sent } = stubEngine({ tools, policy });
    await handleRequest(engine, call('batch_call', { calls: [{ tool: 'files__read', arguments: { path: '/a' } }] }));
    expect(sent).toMatchObject([{ server: 'files', tool: 'read' }]);
    expect(sent[0]!.params).toEqual({ arguments: { path: '/a' } });
  });

  test('[policy] of batch_read is refused whole where one call is more than a read; nothing is sent', async () => {
    const { engine, sent } = stubEngine({ tools, policy });
    const result = await handleRequest(engine, call('batch_read', { calls }));
    expect(result['isError']).toBe(true);
    expect(JSON.stringify(result)).toContain('files__write');
    expect(sent).toEqual([]);
  });

  test('continues the trace of its client in every call, and passes nothing else of `_meta` on', async () => {
    const { engine, sent } = stubEngine({ tools, policy });
    const trace = { traceparent: '00-a-b-01', tracestate: 'x=1', baggage: 'k=v' };
    await handleRequest(engine, call('batch_call', { calls }, { ...trace, progressToken: 3, own: 'kept back' }));
    expect(sent.map(({ params }) => params['_meta'])).toEqual([trace, trace]);
  });

  test('[one-result] reports each call as it ends under one rising counter, settled ones too', async () => {
    const seen: JsonObject[] = [];
    const { engine } = stubEngine({ tools, policy });
    const three = [...calls, { tool: 'files__destroy' }];
    const notifyProgress = (params: JsonObject): void => void seen.push(params);
    const result = await handleRequest(engine, {
      ...call('batch_call', { calls: three }),
      progressToken: 't',
      notifyProgress,
    });
    expect(seen).toEqual([
      { progressToken: 't', progress: 1, total: 3, message: '1/3 files__destroy denied 0 ms' },
      { progressToken: 't', progress: 2, total: 3, message: '2/3 files__read 0 ms' },
      { progressToken: 't', progress: 3, total: 3, message: '3/3 files__write 0 ms' },
    ]);
    expect(result['isError']).toBeUndefined();
  });

  test('[one-result] is answered by its deadline though its server never answers', async () => {
    const { engine, clock } = stubEngine({ tools, policy, answer: () => new Promise(() => {}) });
    const answer = handleRequest(engine, call('batch_call', { calls, deadlineMs: 400, format: 'structured' }));
    await clock.pass(400);
    expect(await answer).toMatchObject({
      structuredContent: {
        results: [
          { index: 0, status: 'timeout', applied: 'no', error: { code: 'deadline' } },
          { index: 1, status: 'skipped', applied: 'no', error: { code: 'deadline' } },
        ],
        timing: { wallMs: 400 },
      },
    });
  });

  test('cancelled by its client sends nothing more', async () => {
    const controller = new AbortController();
    const { engine, sent } = stubEngine({ tools, policy, answer: () => new Promise(() => {}) });
    const answer = handleRequest(engine, { ...call('batch_call', { calls }), signal: controller.signal });
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await answer;
    expect(sent.map(({ tool, signal }) => [tool, signal.aborted])).toEqual([['read', true]]);
  });

  test.each([undefined, null, 'text', 5, {}, { calls: [] }, { calls: 'no JSON' }])(
    'whose arguments are %j is refused with what to write',
    async (args) => {
      const params = { name: 'batch_call', ...(args !== undefined && { arguments: args }) };
      const result = await handleRequest(stubEngine({ tools }).engine, requestOf('tools/call', params));
      expect(result['isError']).toBe(true);
      expect(JSON.stringify(result)).toMatch(/calls/);
    },
  );
});
