import { SpanStatusCode } from '@opentelemetry/api';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace-base';
import { describe, expect, test } from 'vitest';
import { Aborter } from '../../src/core/abort.ts';
import type { CallError, SendResult } from '../../src/core/outcome.ts';
import type { UpstreamRequest } from '../../src/core/protocol/server.ts';
import { handleRequest } from '../../src/serve/handle-request.ts';
import { makeTool } from '../policy/make-policy.ts';
import { requestOf, stubEngine } from '../serve/stub-engine.ts';
import { askTold, tellInMemory } from './told.ts';

const tools = [makeTool('read'), makeTool('write'), makeTool('destroy')];
const policy = { read: ['read'], write: ['write'], deny: ['destroy'] };
const ok = (): SendResult => ({ ok: true, result: { content: [{ type: 'text', text: 'found' }] } });
const lost: CallError = { code: 'connection_lost', message: 'files: gone', retryable: true };
const parent = { trace: '4bf92f3577b34da6a3ce929d0e0e4736', span: '00f067aa0ba902b7' };
const traceparent = `00-${parent.trace}-${parent.span}-01`;

/** A server that never answers, and whose requests are given up. */
function untilAborted({ signal }: UpstreamRequest): Promise<SendResult> {
  const error: CallError = { code: 'cancelled', message: 'given up', retryable: true };
  return new Promise((resolve) => {
    signal?.addEventListener('abort', () => resolve({ ok: false, sent: true, error }), { once: true });
  });
}

describe('a call that is told of', () => {
  test('has a span for each time that it is sent, all under that of its request', async () => {
    let tries = 0;
    const answer = (): SendResult =>
      ++tries === 1 ? { ok: false, sent: true, error: lost, fault: 'transport' } : ok();
    const stub = stubEngine({ tools, policy, answer });
    const told = tellInMemory();
    const answered = askTold(stub, told.telemetry)('tools/call', { name: 'files__read', arguments: {} });
    await stub.clock.pass(10_000);
    await answered;
    const [served] = told.ofKind('SERVER');
    const sendings = told.ofKind('CLIENT');
    expect(sendings.map(({ attributes }) => [attributes['marshal.call.sending'], attributes['error.type']])).toEqual([
      [1, 'connection_lost'],
      [2, undefined],
    ]);
    expect(sendings.map(({ status }) => status.code)).toEqual([SpanStatusCode.ERROR, SpanStatusCode.UNSET]);
    const written = sendings
      .map((span) => span.spanContext())
      .map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`);
    expect(stub.sent.map(({ params }) => params['_meta'])).toEqual(written.map((own) => ({ traceparent: own })));
    for (const { parentSpanContext } of sendings) expect(parentSpanContext?.spanId).toBe(served!.spanContext().spanId);
    expect((await told.metrics()).count('marshal_call_retries_total')).toBe(1);
  });

  test('that gets no answer in its time ends as a timeout, though the sending was cancelled', async () => {
    const stub = stubEngine({ tools, policy, answer: untilAborted });
    const told = tellInMemory();
    const calls = [{ tool: 'files__read', arguments: {}, timeoutMs: 50 }];
    const answered = askTold(stub, told.telemetry)('tools/call', { name: 'batch_call', arguments: { calls } });
    await stub.clock.pass(120_000);
    await answered;
    const types = told.ofKind('CLIENT').map(({ attributes }) => attributes['error.type']);
    expect(new Set(types)).toEqual(new Set(['timeout']));
  });

  test('that its client takes back ends as cancelled', async () => {
    const stub = stubEngine({ tools, policy, answer: untilAborted });
    const told = tellInMemory();
    const signal = new Aborter();
    const answered = askTold(stub, told.telemetry)('tools/call', { name: 'files__read', arguments: {} }, { signal });
    await stub.clock.pass(10);
    signal.abort();
    await stub.clock.pass(60_000);
    await answered.catch(() => {});
    expect(told.spans().map(({ attributes }) => attributes['error.type'])).toEqual(['cancelled', 'cancelled']);
  });

  test('that policy denies is counted as denied, and an event of its request', async () => {
    const told = tellInMemory();
    await askTold(stubEngine({ tools, policy }), told.telemetry)('tools/call', { name: 'files__destroy' });
    const [served] = told.ofKind('SERVER');
    expect(served!.attributes).toMatchObject({ 'gen_ai.tool.name': 'files__destroy', 'error.type': 'tool_error' });
    expect(served!.events.map(({ name, attributes }) => [name, attributes?.['error.type']])).toEqual([
      ['marshal.call.not_sent', 'denied_by_policy'],
    ]);
    expect(told.ofKind('CLIENT')).toEqual([]);
    expect((await told.metrics()).count('marshal_calls_total', { marshal_call_status: 'denied' })).toBe(1);
  });

  test('that is answered from the cache is told to be', async () => {
    const stub = stubEngine({ tools, policy: { ...policy, cacheMs: 60_000 }, answer: ok });
    const told = tellInMemory();
    const ask = askTold(stub, told.telemetry);
    await ask('tools/call', { name: 'files__read', arguments: { path: '/a' } });
    await ask('tools/call', { name: 'files__read', arguments: { path: '/a' } });
    expect(told.ofKind('CLIENT')).toHaveLength(1);
    const [, second] = told.ofKind('SERVER');
    expect(second!.events[0]?.attributes?.['marshal.call.answered_by']).toBe('cache');
  });

  test('that its server fails has the code of the error, and never its message', async () => {
    const rpc = { code: -32001, message: 'no such file: /home/sesame' };
    const error: CallError = { code: 'upstream_error', message: rpc.message, retryable: false, rpc };
    const stub = stubEngine({ tools, policy, answer: () => ({ ok: false, sent: true, error }) });
    const told = tellInMemory();
    const ask = askTold(stub, told.telemetry);
    await expect(ask('tools/call', { name: 'files__read', arguments: {} })).rejects.toThrow('sesame');
    for (const { attributes } of told.spans()) {
      expect(attributes).toMatchObject({ 'error.type': '-32001', 'rpc.response.status_code': '-32001' });
    }
    const everything = told
      .spans()
      .map(({ name, attributes, events, status }) => ({ name, attributes, events, status }));
    expect(JSON.stringify(everything)).not.toContain('sesame');
  });

  test('that a person has to allow shows how long that took, and what they said', async () => {
    const stub = stubEngine({ tools, policy: { write: ['write'], ask: ['write'] }, answer: ok });
    const told = tellInMemory();
    await askTold(stub, told.telemetry)(
      'tools/call',
      { name: 'files__write', arguments: {}, _meta: { traceparent } },
      {
        capabilities: { elicitation: {} },
        ask: () => Promise.resolve({ ok: true, result: { action: 'decline' } }),
      },
    );
    const [approval] = told.ofKind('INTERNAL');
    expect(approval).toMatchObject({ name: 'marshal.approval', attributes: { 'marshal.approval.answer': 'no' } });
    expect(approval!.parentSpanContext?.spanId).toBe(told.ofKind('SERVER')[0]!.spanContext().spanId);
    const metrics = await told.metrics();
    expect(metrics.count('marshal_approvals_total', { marshal_approval_answer: 'no' })).toBe(1);
    expect(metrics.count('marshal_approval_duration_seconds')).toBe(1);
  });

  test('is of one trace with what a server is asked beside tools', async () => {
    const stub = stubEngine({
      offers: { files: { capabilities: { prompts: {} } } },
      reply: ({ method }) => ({ ok: true, result: method === 'prompts/list' ? { prompts: [] } : {} }),
    });
    const told = tellInMemory();
    await askTold(stub, told.telemetry)('prompts/list', { _meta: { traceparent } });
    expect(told.spans().map(({ name }) => name)).toEqual(['prompts/list', 'prompts/list']);
    expect(new Set(told.spans().map((span) => span.spanContext().traceId))).toEqual(new Set([parent.trace]));
  });

  test('has no name that a client made up: neither a tool nor a method', async () => {
    const told = tellInMemory();
    const ask = askTold(stubEngine({ tools, policy }), told.telemetry);
    await expect(ask('tools/call', { name: 'sesame' })).rejects.toThrow('Unknown tool');
    await expect(ask('open/sesame', {})).rejects.toThrow('not found');
    await ask('tools/call', { name: 'mcp__marshal__files/read', arguments: {} });
    expect(told.ofKind('SERVER').map(({ name }) => name)).toEqual([
      'tools/call _OTHER',
      '_OTHER',
      'tools/call files__read',
    ]);
    expect((await told.metrics()).text).not.toContain('sesame');
  });
});

describe('a server that calls its tools as it likes', () => {
  test('makes no span, no label and no page of metrics long, or unreadable', async () => {
    const name = `a\0${'x'.repeat(100_000)}`;
    const told = tellInMemory();
    const stub = stubEngine({ tools: [makeTool(name)], policy: { read: ['*'] }, answer: ok });
    const [exposedName = ''] = stub.engine.catalog().byExposedName.keys();
    await askTold(stub, told.telemetry)('tools/call', { name: exposedName, arguments: {} });
    expect(stub.sent).toHaveLength(1);
    const [sending] = told.ofKind('CLIENT');
    expect(sending!.name).toBe(`tools/call a\ufffd${'x'.repeat(126)}`);
    expect(sending!.attributes['gen_ai.tool.name']).toBe(`a\ufffd${'x'.repeat(126)}`);
    const { text } = await told.metrics();
    expect(text).not.toContain('\0');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(500);
  });
});

describe('a batch that is told of', () => {
  test('and outlives its reply has a span of its own, with what ends after the reply', async () => {
    const secondMs = 1_000;
    let ended = 0;
    const answer = async (): Promise<SendResult> => {
      await stub.clock.sleep(80 * secondMs);
      ended++;
      return { ok: false, sent: true, error: { code: 'upstream_error', message: 'no', retryable: false } };
    };
    const stub = stubEngine({ tools, policy, answer });
    const told = tellInMemory();
    const calls = [
      { id: 'long', tool: 'files__read', arguments: {} },
      { id: 'after', tool: 'files__write', arguments: {}, dependsOn: ['long'] },
    ];
    const answered = askTold(stub, told.telemetry)('tools/call', { name: 'batch_call', arguments: { calls } });
    await stub.clock.pass(50 * secondMs);
    await answered;
    expect({ ended, own: told.ofKind('INTERNAL') }).toEqual({ ended: 0, own: [] });
    await stub.clock.pass(200 * secondMs);
    const [served] = told.ofKind('SERVER');
    const [batch, ...others] = told.ofKind('INTERNAL');
    expect(others).toEqual([]);
    expect(batch!.name).toBe('marshal.batch');
    expect(batch!.parentSpanContext?.spanId).toBe(served!.spanContext().spanId);
    expect(batch!.attributes).toEqual({
      'marshal.batch.id': served!.attributes['marshal.batch.id'],
      'marshal.batch.calls': 2,
      'marshal.batch.saved_ms': 0,
    });
    expect(batch!.events.map(({ name, attributes }) => [name, attributes?.['marshal.call.id']])).toEqual([
      ['marshal.call.not_sent', 'after'],
    ]);
  });

  test('and ends before its reply has no other span than that of its request', async () => {
    const stub = stubEngine({ tools, policy, answer: ok });
    const told = tellInMemory();
    const calls = [
      { tool: 'files__read', arguments: {} },
      { tool: 'files__destroy', arguments: {} },
    ];
    await askTold(stub, told.telemetry)('tools/call', { name: 'batch_call', arguments: { calls } });
    await stub.clock.pass(10);
    expect(told.ofKind('INTERNAL')).toEqual([]);
    expect(told.ofKind('SERVER')[0]!.attributes).toHaveProperty(['marshal.batch.saved_ms']);
  });

  test('and came with no request, from a program that uses the library, has a span of its own', async () => {
    const stub = stubEngine({ tools, policy, answer: ok });
    const told = tellInMemory();
    const calls = [
      { tool: 'files__read', arguments: {} },
      { id: 'no', tool: 'files__destroy', arguments: {} },
    ];
    const engine = { ...stub.engine, telemetry: told.telemetry };
    await handleRequest(engine, requestOf('tools/call', { name: 'batch_call', arguments: { calls } }));
    await stub.clock.pass(10);
    expect(
      told.spans().map(({ name, events }) => [name, events.map((event) => event.attributes?.['marshal.call.id'])]),
    ).toEqual([['marshal.batch', ['no']]]);
  });

  test('counts every call of it once, elements of forEach for themselves', async () => {
    const answer = (): SendResult => ({ ok: true, result: { content: [], structuredContent: { list: [1, 2, 3] } } });
    const stub = stubEngine({ tools, policy, answer });
    const told = tellInMemory();
    const calls = [
      { id: 'all', tool: 'files__read', arguments: {} },
      { id: 'each', tool: 'files__read', forEach: { $result: 'all', path: '/list' }, arguments: { n: { $item: '' } } },
      { id: 'no', tool: 'files__destroy', arguments: {} },
    ];
    await askTold(stub, told.telemetry)('tools/call', { name: 'batch_call', arguments: { calls } });
    const sent = 4;
    expect(stub.sent).toHaveLength(sent);
    const metrics = await told.metrics();
    expect(told.ofKind('CLIENT')).toHaveLength(sent);
    expect(metrics.count('marshal_calls_total')).toBe(sent + 1);
    expect(metrics.count('mcp_client_operation_duration_seconds')).toBe(sent);
    expect(metrics.count('marshal_batch_duration_seconds')).toBe(1);
  });

  test('that is not sampled sends no span, hands the decision on, and is counted all the same', async () => {
    const stub = stubEngine({ tools, policy, answer: ok });
    const told = tellInMemory(new AlwaysOffSampler());
    const calls = [{ tool: 'files__read', arguments: {} }];
    await askTold(stub, told.telemetry)('tools/call', {
      name: 'batch_call',
      arguments: { calls },
      _meta: { traceparent },
    });
    expect(told.spans()).toEqual([]);
    const meta = stub.sent[0]!.params['_meta'];
    expect(meta).toEqual({ traceparent: expect.stringMatching(new RegExp(`^00-${parent.trace}-[0-9a-f]{16}-00$`)) });
    expect((await told.metrics()).count('marshal_calls_total', { marshal_call_status: 'ok' })).toBe(1);
  });
});

describe('nobody is told', () => {
  test('what a client sent as trace context reaches the server as it was', async () => {
    const stub = stubEngine({ tools, policy, answer: ok });
    const params = { name: 'files__read', arguments: {}, _meta: { traceparent, tracestate: 'a=b' } };
    await handleRequest(stub.engine, requestOf('tools/call', params));
    expect(stub.sent[0]).toMatchObject({ params });
    expect(stub.sent[0]!.planned).toBeUndefined();
  });
});
