import { ProtocolError } from '@modelcontextprotocol/server';
import { describe, expect, test } from 'vitest';
import type { CallError, SendResult } from '../../src/core/outcome.ts';
import type { Notice } from '../../src/core/protocol/client.ts';
import { handleRequest } from '../../src/serve/handle-request.ts';
import { makeTool } from '../policy/make-policy.ts';
import { requestOf, stubEngine } from './stub-engine.ts';

const tools = [makeTool('read'), makeTool('write'), makeTool('destroy')];
const policy = { read: ['read'], write: ['write'], deny: ['destroy'] };
const lost: CallError = { code: 'connection_lost', message: 'files: gone', retryable: true };

function call(name: string, params: object = {}) {
  return requestOf('tools/call', { name: `files__${name}`, ...params });
}

describe('[transparent] a result from the cache', () => {
  const cached = { ...policy, cacheMs: 60_000 };
  const answer = (): SendResult => ({ ok: true, result: { content: [] } });

  test('is for a call that differs in nothing but its progress token and its trace', async () => {
    const { engine, sent } = stubEngine({ tools, policy: cached, answer });
    await handleRequest(engine, call('read', { arguments: { path: '/a' } }));
    await handleRequest(
      engine,
      call('read', { arguments: { path: '/a' }, _meta: { progressToken: 7, traceparent: 't' } }),
    );
    expect(sent).toHaveLength(1);
  });

  test.each([{ _meta: { tenant: 'b' } }, { task: { ttl: 1 } }, { 'x-field': true }])(
    'is not for one with %j, nor is its own for others',
    async (more) => {
      const { engine, sent } = stubEngine({ tools, policy: cached, answer });
      await handleRequest(engine, call('read', { ...more }));
      await handleRequest(engine, call('read'));
      await handleRequest(engine, call('read', { ...more }));
      expect(sent).toHaveLength(3);
    },
  );

  test('is a result: what a server answers in its place is not used again', async () => {
    const { engine, sent } = stubEngine({
      tools,
      policy: cached,
      answer: () => ({ ok: true, result: { task: { taskId: '1' } } }),
    });
    await handleRequest(engine, call('read'));
    await handleRequest(engine, call('read'));
    expect(sent).toHaveLength(2);
  });
});

describe('a tool called by itself', () => {
  test('[transparent] is sent as it came but for its name, and its result comes back untouched', async () => {
    const result = { content: [{ type: 'hologram' }], 'x-own': [null], _meta: { a: 1 }, isError: true };
    const { engine, sent } = stubEngine({ tools, policy, answer: () => ({ ok: true, result }) });
    const params = {
      arguments: { path: '/a', deep: { b: [1] } },
      _meta: { traceparent: 't', own: 1 },
      'x-field': true,
    };
    expect(await handleRequest(engine, call('read', params))).toBe(result);
    expect(sent).toMatchObject([{ server: 'files', tool: 'read', params: { ...params, name: 'files__read' } }]);
  });

  test('[transparent] that its server answers with an error fails with that very error', async () => {
    const rpc = { code: -32099, message: 'no such page', data: { page: 7 } };
    const error: CallError = { code: 'upstream_error', message: 'files: no such page', retryable: false, rpc };
    const { engine } = stubEngine({ tools, policy, answer: () => ({ ok: false, sent: true, error }) });
    const failure = await handleRequest(engine, call('read')).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(ProtocolError);
    expect(failure).toMatchObject(rpc);
  });

  test.each([
    ['whose server is lost', { ok: false, sent: true, error: lost }, 'connection_lost: files: gone'],
    [
      'whose server is away',
      { ok: false, sent: false, error: { ...lost, code: 'server_unavailable' } },
      'server_unavailable: files: gone',
    ],
    [
      'whose server breaks the protocol',
      { ok: false, sent: true, error: { ...lost, code: 'upstream_error' } },
      'upstream_error: files: gone',
    ],
  ] as [string, SendResult, string][])('%s gives a result that every model sees', async (_what, answer, text) => {
    const { engine } = stubEngine({ tools, policy, answer: () => answer });
    expect(await handleRequest(engine, call('read'))).toEqual({ content: [{ type: 'text', text }], isError: true });
  });

  test('that policy denies is not sent, and the result says which rule', async () => {
    const { engine, sent } = stubEngine({ tools, policy });
    const result = await handleRequest(engine, call('destroy'));
    expect(result['isError']).toBe(true);
    expect(JSON.stringify(result)).toContain('denied_by_policy');
    expect(JSON.stringify(result)).toContain('policies/test.yaml');
    expect(sent).toEqual([]);
  });

  test('hands progress on under the token of its client, with every field', async () => {
    const seen: object[] = [];
    const { engine } = stubEngine({
      tools,
      policy,
      answer: ({ onProgress }) => {
        onProgress?.({ progressToken: 'ours', progress: 1, total: 2, message: 'half', 'x-own': true });
        return { ok: true, result: {} };
      },
    });
    const request = { ...call('read'), progressToken: 0, notify: (notice: Notice) => void seen.push(notice) };
    await handleRequest(engine, request);
    const params = { progressToken: 0, progress: 1, total: 2, message: 'half', 'x-own': true };
    expect(seen).toEqual([{ method: 'notifications/progress', params }]);
  });

  test('asks for no progress where its client does not', async () => {
    const { engine, sent } = stubEngine({ tools, policy });
    await handleRequest(engine, call('read'));
    expect(sent[0]!.onProgress).toBeUndefined();
  });

  test('[transparent] is cancelled at its server at once, and leaves nothing held', async () => {
    const controller = new AbortController();
    const { engine, clock, sent } = stubEngine({ tools, policy, answer: () => new Promise(() => {}) });
    const answer = handleRequest(engine, { ...call('write'), signal: controller.signal });
    expect(sent).toHaveLength(1);
    controller.abort();
    expect(sent[0]!.signal?.aborted).toBe(true);
    expect(await answer).toMatchObject({ isError: true });
    // A write's key stays taken for the grace: its server may be writing still.
    await clock.runOut();
    expect(engine.scheduler.load()).toEqual({ lockNodes: 0, ready: 0, slots: 0, passthrough: 0 });
  });

  test('has no time limit but that of its client', async () => {
    const { engine, clock, sent } = stubEngine({ tools, policy, answer: () => new Promise(() => {}) });
    void handleRequest(engine, call('read'));
    await clock.pass(24 * 3_600_000);
    expect(sent[0]!.signal?.aborted).toBe(false);
    expect(clock.timers()).toBe(0);
  });

  test('waits for a batch that holds what it touches', async () => {
    const answers: ((result: SendResult) => void)[] = [];
    const { engine, sent } = stubEngine({
      tools,
      policy,
      answer: () => new Promise((resolve) => answers.push(resolve)),
    });
    const batch = handleRequest(
      engine,
      requestOf('tools/call', { name: 'batch_call', arguments: { calls: [{ tool: 'files__write' }] } }),
    );
    await new Promise((resolve) => setImmediate(resolve));
    const alone = handleRequest(engine, call('read'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent.map(({ tool }) => tool)).toEqual(['write']);
    answers[0]!({ ok: true, result: { content: [] } });
    await batch;
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent.map(({ tool }) => tool)).toEqual(['write', 'read']);
    answers[1]!({ ok: true, result: { content: [] } });
    await alone;
  });
});
