import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import type { SendResult } from '../../src/core/outcome.ts';
import type { Notice } from '../../src/core/protocol/client.ts';
import { handleRequest } from '../../src/serve/handle-request.ts';
import { makeTool } from '../policy/make-policy.ts';
import { deepJson } from '../upstream/support.ts';
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
    const names = ['batch_read', 'batch_call', 'batch_await', 'batch_cancel', 'files__read', 'files__write'];
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
  test.each(['no/such/method', ''])('for the method "%s" says that there is none', async (method) => {
    const request = handleRequest(stubEngine({ servers: ['files', 'mail'] }).engine, requestOf(method, {}));
    await expect(request).rejects.toMatchObject({ code: -32601, message: `Method not found: ${method}` });
  });

  test.each([
    ['legacy', ['initialize', 'ping', 'server/discover', 'subscriptions/listen', 'notifications/initialized']],
    [
      'modern',
      ['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe', 'tasks/list'],
    ],
  ] as const)(
    'is of the other era, or for no server, when %s clients send it; no server hears of it',
    async (era, methods) => {
      const { engine, requests, levels, subscriptions } = stubEngine({ reply: () => ({ ok: true, result: {} }) });
      for (const method of methods) {
        const params = { uri: 'x:a', level: 'info', taskId: '1' };
        const request = handleRequest(engine, requestOf(method, params, { era }));
        await expect(request).rejects.toMatchObject({ code: -32601, message: `Method not found: ${method}` });
      }
      expect([requests, levels, subscriptions]).toEqual([[], [], []]);
    },
  );

  test.each([undefined, 5, null, ['read']])('calls a tool whose name is %j', async (name) => {
    const params = name === undefined ? {} : { name };
    const request = handleRequest(stubEngine({ tools }).engine, requestOf('tools/call', params));
    await expect(request).rejects.toMatchObject({ code: -32602, message: 'tools/call needs params.name, a string' });
  });

  test('calls a tool that nobody has, after it has waited for the servers, and hears the nearest names', async () => {
    const waits: unknown[] = [];
    const { engine } = stubEngine({ tools, listable: (server) => waits.push(server) });
    const request = handleRequest(engine, call('files__raed'));
    await expect(request).rejects.toMatchObject({
      code: -32602,
      message: expect.stringContaining('did you mean files__read'),
    });
    expect(waits).toEqual([undefined, 'files']);
    await expect(handleRequest(engine, call('nobody__read'))).rejects.toMatchObject({ code: -32602 });
    expect(waits).toEqual([undefined, 'files', undefined]);
  });

  test.each(['files__late', 'mcp__marshal__files__late'])(
    'calls %s, which its server lists later than others: the call waits for that, and is made',
    async (name) => {
      const late = { name: 'late', inputSchema: { type: 'object' } };
      const listed: (typeof late)[] = [];
      const { engine, sent } = stubEngine({
        tools: listed,
        servers: ['files', 'mail'],
        listable: (server) => Promise.resolve().then(() => server === 'files' && listed.push(late)),
      });
      await handleRequest(engine, call(name));
      expect(sent).toMatchObject([{ server: 'files', tool: 'late' }]);
    },
  );

  test('calls a tool of a server that is not there now, and hears why, as a result that every model sees', async () => {
    const { engine } = stubEngine({ unavailable: () => 'the command "nmp" was not found' });
    const text = expect.stringMatching(/^server_unavailable: the server files .*the command "nmp" was not found/);
    expect(await handleRequest(engine, call('files__read'))).toEqual({
      content: [{ type: 'text', text }],
      isError: true,
    });
    await expect(handleRequest(engine, call('mail__read'))).rejects.toMatchObject({ code: -32602 });
  });

  test('hears of a server that wants a login what to run, alone and in a batch, and not to try again', async () => {
    const { engine } = stubEngine({ unavailable: () => 'run mcp-marshal login files', wantsLogin: () => true });
    const alone = await handleRequest(engine, call('files__x'));
    expect(JSON.stringify(alone)).toContain('run mcp-marshal login files; until then, go on without it');
    const batch = await handleRequest(
      engine,
      call('batch_call', { calls: [{ tool: 'files__x' }], format: 'structured' }),
    );
    expect(batch['structuredContent']).toMatchObject({
      results: [{ error: { code: 'server_unavailable', retryable: false } }],
    });
  });

  test.each(['files__x', 'files/x', 'files.x', 'files:x', 'mcp__marshal__files__x', 'marshal.files.x'])(
    'calls a tool of a server that is not there now as %s, and hears in a batch and by itself the same',
    async (name) => {
      const { engine } = stubEngine({ unavailable: () => 'it exited with code 9' });
      const alone = await handleRequest(engine, call(name));
      const batch = await handleRequest(engine, call('batch_call', { calls: [{ tool: name }], format: 'structured' }));
      const message = 'the server files is configured but not connected: it exited with code 9';
      expect(JSON.stringify(alone)).toContain(`server_unavailable: ${message}`);
      expect(batch['structuredContent']).toMatchObject({
        results: [
          {
            status: 'failed',
            error: { code: 'server_unavailable', message: expect.stringContaining(message), retryable: true },
          },
        ],
      });
    },
  );

  test.each(['mail__send', 'mail/send', 'mcp__marshal__mail__send'])(
    'calls a tool of a server that is switched off as %s, and hears so in a batch and by itself',
    async (name) => {
      const { engine } = stubEngine({ tools, disabled: ['mail'] });
      const alone = await handleRequest(engine, call(name));
      const batch = await handleRequest(engine, call('batch_call', { calls: [{ tool: name }], format: 'structured' }));
      const message = 'mail is disabled in the configuration (enabled: false); go on without it';
      expect(JSON.stringify(alone)).toContain(`server_unavailable: ${message}`);
      expect(batch['structuredContent']).toMatchObject({
        results: [{ status: 'failed', error: { code: 'server_unavailable', message, retryable: false } }],
      });
    },
  );

  test.each(['{"path":"/a"}', ['/a'], 5, null])(
    'calls a tool with arguments that are no object (%j): policy could not judge them',
    async (args) => {
      const { engine, sent } = stubEngine({ tools });
      const request = handleRequest(engine, requestOf('tools/call', { name: 'files__read', arguments: args }));
      await expect(request).rejects.toMatchObject({ code: -32602, message: expect.stringContaining('an object') });
      expect(sent).toEqual([]);
    },
  );
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

  test('continues the trace of its client in the calls that references and forEach make', async () => {
    const answer = ({ tool }: { tool: string }): SendResult => ({
      ok: true,
      result: { content: [{ type: 'text', text: tool === 'read' ? '/a\n/b' : 'written' }] },
    });
    const { engine, sent } = stubEngine({ tools, policy, answer });
    const trace = { traceparent: '00-a-b-01' };
    const chain = [
      { id: 'list', tool: 'files__read' },
      {
        id: 'each',
        tool: 'files__write',
        forEach: { $result: 'list', view: 'lines' },
        arguments: { path: { $item: '' } },
      },
      { tool: 'files__write', arguments: { path: '/c', content: { $result: 'list', view: 'text' } } },
    ];
    await handleRequest(engine, call('batch_call', { calls: chain }, { ...trace, own: 'kept back' }));
    expect(sent.map(({ params }) => params)).toEqual([
      { arguments: {}, _meta: trace },
      { arguments: { path: '/a' }, _meta: trace },
      { arguments: { path: '/b' }, _meta: trace },
      { arguments: { path: '/c', content: '/a\n/b' }, _meta: trace },
    ]);
  });

  test('in mode plan sends nothing, and says what would run after what', async () => {
    const { engine, sent } = stubEngine({ tools, policy });
    const batch = { calls: [...calls, { tool: 'files__destroy' }], mode: 'plan' };
    const reply = await handleRequest(engine, call('batch_call', { ...batch, format: 'structured' }));
    expect(reply['isError']).toBeUndefined();
    expect(reply['structuredContent']).toMatchObject({
      status: 'planned',
      results: [],
      plan: [
        { id: 'c0', index: 0, step: 1, after: [] },
        { id: 'c1', index: 1, step: 2, after: ['c0'] },
        { id: 'c2', index: 2, error: { code: 'denied_by_policy' } },
      ],
    });
    expect(JSON.stringify(await handleRequest(engine, call('batch_call', batch)))).toContain('c1');
    expect(sent).toEqual([]);
  });

  test('[policy] of batch_read is refused in mode plan as it would be when run', async () => {
    const { engine } = stubEngine({ tools, policy });
    const result = await handleRequest(engine, call('batch_read', { calls, mode: 'plan' }));
    expect(result['isError']).toBe(true);
    expect(JSON.stringify(result)).toContain('files__write');
  });

  test.each(['batch_call', 'batch_read', 'batch_await', 'batch_cancel', 'mcp__marshal__batch_await'])(
    'cannot hold %s, and its neighbours run all the same',
    async (name) => {
      const { engine, sent } = stubEngine({ tools, policy });
      const batch = { calls: [{ tool: name, arguments: { batchId: 'abc123' } }, ...calls], format: 'structured' };
      const reply = await handleRequest(engine, call('batch_call', batch));
      expect(reply['structuredContent']).toMatchObject({
        results: [{ status: 'invalid' }, { status: 'ok' }, { status: 'ok' }],
      });
      expect(sent).toHaveLength(2);
    },
  );

  test('[one-result] reports each call as it ends under one rising counter, settled ones too', async () => {
    const seen: JsonObject[] = [];
    const { engine } = stubEngine({ tools, policy });
    const three = [...calls, { tool: 'files__destroy' }];
    const notify = ({ params }: Notice): void => void seen.push(params);
    const result = await handleRequest(engine, {
      ...call('batch_call', { calls: three }),
      progressToken: 't',
      notify,
    });
    expect(seen).toEqual([
      { progressToken: 't', progress: 1, total: 3, message: '1/3 files__destroy denied 0 ms' },
      { progressToken: 't', progress: 2, total: 3, message: '2/3 files__read 0 ms' },
      { progressToken: 't', progress: 3, total: 3, message: '3/3 files__write 0 ms' },
    ]);
    expect(result['isError']).toBeUndefined();
  });

  test('reports a forEach call once, when all its elements have ended', async () => {
    const seen: JsonObject[] = [];
    const answer = (): SendResult => ({ ok: true, result: { content: [{ type: 'text', text: '/a\n/b\n/c' }] } });
    const { engine } = stubEngine({ tools, policy, answer });
    const chain = [
      { tool: 'files__read' },
      { tool: 'files__read', forEach: { $result: 'c0', view: 'lines' }, arguments: { path: { $item: '' } } },
    ];
    const notify = ({ params }: Notice): void => void seen.push(params);
    await handleRequest(engine, { ...call('batch_read', { calls: chain }), progressToken: 't', notify });
    expect(seen).toMatchObject([
      { progress: 1, total: 2, message: expect.stringMatching('^1/2 files__read ') },
      { progress: 2, total: 2, message: expect.stringMatching('^2/2 files__read ') },
    ]);
  });

  test('[one-result] is answered by its deadline though its server never answers', async () => {
    const { engine, clock } = stubEngine({ tools, policy, answer: () => new Promise(() => {}) });
    const answer = handleRequest(engine, call('batch_call', { calls, deadlineMs: 400, format: 'structured' }));
    await clock.pass(400);
    expect(await answer).toMatchObject({
      structuredContent: {
        results: [
          { index: 0, status: 'pending', applied: 'no', runMs: 400 },
          { index: 1, status: 'pending', applied: 'no', attempts: 0 },
        ],
        status: 'partial',
        timing: { wallMs: 400 },
      },
    });
  });

  test('[one-result] is answered by its deadline while it waits for the lists of servers, and is sent after that', async () => {
    const { engine, clock, sent } = stubEngine({ tools, policy, listable: () => new Promise(() => {}) });
    const answer = handleRequest(engine, call('batch_call', { calls, deadlineMs: 1_000, format: 'structured' }));
    await clock.pass(1_000);
    expect(await answer).toMatchObject({
      structuredContent: {
        results: [
          { status: 'pending', applied: 'no' },
          { status: 'pending', applied: 'no' },
        ],
        timing: { wallMs: 1_000 },
      },
    });
    expect(sent.map(({ tool }) => tool)).toEqual(['read', 'write']);
    expect(clock.timers()).toBe(0);
  });

  test('[one-result] leaves its calls what the wait for the lists has left of the deadline', async () => {
    let showLists = (): void => {};
    const { engine, clock, sent } = stubEngine({
      tools,
      policy,
      listable: () => new Promise<void>((resolve) => (showLists = resolve)),
      answer: () => new Promise(() => {}),
    });
    const one = [{ tool: 'files__read' }];
    const answer = handleRequest(engine, call('batch_call', { calls: one, deadlineMs: 1_000, format: 'structured' }));
    await clock.pass(600);
    showLists();
    await clock.pass(400);
    expect(sent).toHaveLength(1);
    expect(await answer).toMatchObject({
      structuredContent: {
        results: [{ status: 'pending', runMs: 400 }],
        timing: { wallMs: 1_000 },
      },
    });
  });

  test('[isolation] fails the call alone whose result is nested too deep to be passed on', async () => {
    const structuredContent: JsonObject = JSON.parse(deepJson(20_000));
    const answer = ({ tool }: { tool: string }): SendResult => ({
      ok: true,
      result: tool === 'read' ? { content: [], structuredContent } : { content: [] },
    });
    const { engine } = stubEngine({ tools, policy, answer });
    for (const format of ['text', 'structured']) {
      const three = [{ tool: 'files__write' }, ...calls];
      const reply = await handleRequest(engine, call('batch_call', { calls: three, format }));
      expect(JSON.stringify(reply)).toContain('nested deeper than 500 levels');
      if (format === 'text') continue;
      expect(reply['structuredContent']).toMatchObject({
        results: [
          { status: 'ok' },
          { status: 'failed', error: { code: 'upstream_error', retryable: false } },
          { status: 'ok' },
        ],
      });
    }
  });

  test('[effect] offers no write for another try whose server was lost before the answer, and offers a read', async () => {
    const error = { code: 'connection_lost', message: 'files: gone', retryable: true } as const;
    const { engine } = stubEngine({ tools, policy, answer: () => ({ ok: false, sent: true, error }) });
    const reply = await handleRequest(engine, call('batch_call', { calls, format: 'structured' }));
    expect(reply['structuredContent']).toMatchObject({
      results: [
        { class: 'read', applied: 'no', error: { code: 'connection_lost', retryable: true } },
        { class: 'write', applied: 'unknown', error: { code: 'connection_lost', retryable: false } },
      ],
    });
  });

  test('cancelled by its client sends nothing more', async () => {
    const controller = new AbortController();
    const { engine, sent } = stubEngine({ tools, policy, answer: () => new Promise(() => {}) });
    const answer = handleRequest(engine, { ...call('batch_call', { calls }), signal: controller.signal });
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await answer;
    expect(sent.map(({ tool, signal }) => [tool, signal?.aborted])).toEqual([['read', true]]);
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
