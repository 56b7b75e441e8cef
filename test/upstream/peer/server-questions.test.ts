import { describe, expect, test, vi } from 'vitest';
import type { Ask, Notice } from '../../../src/core/protocol/client.ts';
import type { Reply } from '../../../src/core/protocol/rpc.ts';
import type { RawPeerOptions } from '../../../src/upstream/peer/raw-peer.ts';
import { createRawPeer } from '../../../src/upstream/peer/raw-peer.ts';
import type { AnswerQuestion } from '../../../src/upstream/peer/server-questions.ts';
import { client, deepJson } from '../support.ts';
import { memoryTransport } from './memory-transport.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const elicit = (id: number | string, message = 'sure?') => ({ id, method: 'elicitation/create', params: { message } });
const owner = (id: string) => ({ client: client(id) });
const never: Ask = () => new Promise(() => {});

function open(options: RawPeerOptions = {}) {
  const memory = memoryTransport();
  return { ...memory, peer: createRawPeer(memory.transport, options) };
}

describe('a question of the server', () => {
  test('goes to the only open request, and its answer goes back as it is', async () => {
    const { peer, receive, answers } = open();
    const result = { action: 'accept', content: { a: [1, null] }, 'x-unknown': { kept: true } };
    const ask = vi.fn<Ask>(() => Promise.resolve({ ok: true, result }));
    void peer.request('tools/call', {}, { ask });
    receive(elicit('q', 'sure?'));
    await turn();
    expect(ask.mock.calls[0]![0]).toEqual({ method: 'elicitation/create', params: { message: 'sure?' } });
    expect(answers.at(-1)).toEqual({ jsonrpc: '2.0', id: 'q', result });
  });

  test('is answered with the client’s error, its code and its data', async () => {
    const { peer, receive, answers } = open();
    const error = { code: -32050, message: 'no', data: { deep: [{ why: 1 }] } };
    void peer.request('tools/call', {}, { ask: () => Promise.resolve({ ok: false, error }) });
    receive(elicit(0));
    await turn();
    expect(answers.at(-1)).toEqual({ jsonrpc: '2.0', id: 0, error });
  });

  test('goes to any of the open requests of one client, to one that can be asked before the others', async () => {
    const { peer, receive, answers } = open();
    const mine = owner('a');
    void peer.request('tools/list', {}, { owner: mine });
    void peer.request('tools/call', {}, { owner: mine, ask: () => Promise.resolve({ ok: true, result: { n: 2 } }) });
    receive(elicit(1));
    await turn();
    expect(answers.at(-1)).toMatchObject({ id: 1, result: { n: 2 } });
  });

  test('is no matter of what we ask of the server on our own account', async () => {
    const { peer, receive, answers } = open();
    void peer.request('tools/call', {}, { owner: owner('a'), ask: () => Promise.resolve({ ok: true, result: {} }) });
    void peer.request('logging/setLevel', { level: 'info' });
    receive(elicit(1));
    await turn();
    expect(answers).toMatchObject([{ id: 1, result: {} }]);
  });

  test('that may be for two clients goes to neither, and whoever decides is told which two', async () => {
    const onQuestion = vi.fn<AnswerQuestion>(() =>
      Promise.resolve({ ok: false, error: { code: 1, message: 'decided' } }),
    );
    const { peer, receive, answers } = open({ onQuestion });
    const ask = vi.fn<Ask>(never);
    const owners = [owner('a'), owner('b')];
    for (const one of owners) void peer.request('tools/call', {}, { owner: one, ask });
    receive(elicit(1));
    await turn();
    expect(ask).not.toHaveBeenCalled();
    expect(onQuestion.mock.calls[0]![0]).toMatchObject({ owners, ask: undefined });
    expect(answers.at(-1)).toMatchObject({ id: 1, error: { code: 1 } });
  });

  test('is refused where nobody can be asked', async () => {
    const { receive, answers } = open();
    receive(elicit(1));
    await turn();
    expect(answers.at(-1)).toMatchObject({ id: 1, error: { code: -32603, message: 'nobody can be asked' } });
  });

  test('that the server withdraws is withdrawn from the client, and not answered', async () => {
    const { peer, receive, answers, toClient } = open();
    let signal: Parameters<Ask>[1] | undefined;
    let answer: ((reply: Reply) => void) | undefined;
    const ask: Ask = (...given) => {
      signal = given[1];
      return new Promise((resolve) => {
        answer = resolve;
      });
    };
    void peer.request('tools/call', {}, { ask });
    receive(elicit(7));
    await turn();
    receive({ method: 'notifications/cancelled', params: { requestId: 7 } });
    expect(signal!.aborted).toBe(true);
    answer?.({ ok: true, result: {} });
    await turn();
    expect(answers).toEqual([]);
    expect(toClient).not.toHaveBeenCalled();
  });

  test('is withdrawn from the client with the request that it belongs to, and with the connection', async () => {
    const { peer, receive, transport } = open();
    const signals: Parameters<Ask>[1][] = [];
    const ask: Ask = (...given) => {
      signals.push(given[1]);
      return never(...given);
    };
    const abort = new AbortController();
    void peer.request('tools/call', {}, { ask, signal: abort.signal });
    receive(elicit(1));
    abort.abort();
    void peer.request('tools/call', {}, { ask });
    receive(elicit(2));
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    transport.onclose?.();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  test('beyond a hundred open ones is refused, and the others are left alone', async () => {
    const { peer, receive, answers } = open();
    void peer.request('tools/call', {}, { ask: never });
    for (let id = 0; id <= 100; id += 1) receive(elicit(id));
    await turn();
    expect(answers).toEqual([
      { jsonrpc: '2.0', id: 100, error: { code: -32603, message: expect.stringContaining('100 questions') } },
    ]);
  });

  test('that cannot be passed on, or answered, is refused', async () => {
    const { peer, transport, answers } = open();
    void peer.request('tools/call', {}, { ask: () => Promise.resolve({ ok: true, result: {} }) });
    transport.onmessage?.(JSON.parse(`{"jsonrpc":"2.0","id":1,"method":"roots/list","params":${deepJson(600)}}`));
    transport.onmessage?.(JSON.parse(`{"jsonrpc":"2.0","id":2,"method":"roots/list","params":[1]}`));
    await turn();
    expect(answers).toMatchObject([
      { id: 1, error: { code: -32603 } },
      { id: 2, error: { code: -32602 } },
    ]);
  });

  test('that comes for a cancelled request is refused, and put to nobody, until the server has answered that request', async () => {
    const onQuestion = vi.fn<AnswerQuestion>(() => Promise.resolve({ ok: true, result: {} }));
    const { peer, receive, answers, sent } = open({ onQuestion });
    const abort = new AbortController();
    void peer.request('tools/call', {}, { owner: owner('a'), signal: abort.signal, ask: never });
    abort.abort();
    expect(peer.hasForsaken()).toBe(true);
    receive(elicit(1));
    await turn();
    expect(onQuestion).not.toHaveBeenCalled();
    expect(answers).toMatchObject([{ id: 1, error: { code: -32603, message: 'its request was cancelled' } }]);
    receive({ id: sent[0]!.id, result: {} });
    expect(peer.hasForsaken()).toBe(false);
    receive(elicit(2));
    await turn();
    expect(onQuestion).toHaveBeenCalledOnce();
  });

  test('for the roots, which comes when they have changed, goes to a client that has cancelled something, and to no other', async () => {
    const onQuestion = vi.fn<AnswerQuestion>(() => Promise.resolve({ ok: true, result: {} }));
    const { peer, receive } = open({ onQuestion });
    const abort = new AbortController();
    const mine = owner('a');
    void peer.request('tools/call', {}, { owner: mine, signal: abort.signal, ask: never });
    abort.abort();
    receive({ id: 1, method: 'roots/list' });
    await turn();
    expect(onQuestion.mock.calls[0]![0]).toMatchObject({ owners: [mine], ask: undefined });
  });

  test('that may be for one client’s cancelled request or another’s open one goes to neither', async () => {
    const onQuestion = vi.fn<AnswerQuestion>(() => Promise.resolve({ ok: true, result: {} }));
    const { peer, receive } = open({ onQuestion });
    const abort = new AbortController();
    const [a, b] = [owner('a'), owner('b')];
    void peer.request('tools/call', {}, { owner: a, signal: abort.signal, ask: never });
    void peer.request('tools/call', {}, { owner: b, ask: never });
    abort.abort();
    receive(elicit(1));
    await turn();
    expect(onQuestion.mock.calls[0]![0]).toMatchObject({ owners: [b, a], ask: undefined });
  });

  test('of a client that has cancelled one request goes to its other one', async () => {
    const { peer, receive, answers } = open();
    const abort = new AbortController();
    const mine = owner('a');
    void peer.request('tools/call', {}, { owner: mine, signal: abort.signal, ask: never });
    void peer.request('tools/call', {}, { owner: mine, ask: () => Promise.resolve({ ok: true, result: { n: 2 } }) });
    abort.abort();
    receive(elicit(1));
    await turn();
    expect(answers).toMatchObject([{ id: 1, result: { n: 2 } }]);
  });

  test('finds the thousand requests that were cancelled last, and no more', async () => {
    const { peer, sent, receive } = open();
    const abort = new AbortController();
    for (let n = 0; n <= 1000; n += 1) void peer.request('tools/call', {}, { owner: owner('a'), signal: abort.signal });
    abort.abort();
    const ids = sent.flatMap(({ id, method }) => (method === 'tools/call' && id !== undefined ? [id] : []));
    for (const id of ids.slice(1)) {
      expect(peer.hasForsaken()).toBe(true);
      receive({ id, result: {} });
    }
    expect(peer.hasForsaken()).toBe(false);
  });

  test('on a modern connection is none, and goes on to the SDK client, which drops it', () => {
    const { receive, toClient } = open({ envelope: {} });
    receive(elicit(1));
    expect(toClient).toHaveBeenCalledOnce();
  });
});

describe('a message in the stream of one request', () => {
  test('belongs to that request alone, whatever else is open', async () => {
    const asked: string[] = [];
    const { transport, streams } = memoryTransport({ hasPerRequestStream: true });
    const peer = createRawPeer(transport);
    for (const name of ['a', 'b']) {
      const ask: Ask = ({ params }) => {
        asked.push(`${name}: ${JSON.stringify(params['message'])}`);
        return Promise.resolve({ ok: true, result: {} });
      };
      void peer.request('tools/call', {}, { owner: owner(name), ask });
    }
    streams[1]!(elicit(1, 'for b'));
    streams[0]!(elicit(2, 'for a'));
    expect(asked).toEqual(['b: "for b"', 'a: "for a"']);
  });

  test('reaches nobody else when that request has ended', async () => {
    const onNotice = vi.fn<(notice: Notice) => void>();
    const { transport, streams, sent, answers, receive } = memoryTransport({ hasPerRequestStream: true });
    const peer = createRawPeer(transport, { onNotice: () => {} });
    const ask = vi.fn<Ask>(never);
    const first = peer.request('tools/call', {}, { owner: owner('a') });
    void peer.request('tools/call', {}, { owner: owner('b'), ask, onNotice });
    receive({ id: sent[0]!.id, result: {} });
    await first;
    streams[0]!(elicit(1));
    streams[0]!({ method: 'notifications/message', params: { level: 'info', data: 'late' } });
    await turn();
    expect(ask).not.toHaveBeenCalled();
    expect(onNotice).not.toHaveBeenCalled();
    expect(answers).toMatchObject([{ id: 1, error: { code: -32603 } }]);
  });
});

describe('a notification of the server', () => {
  const message = { method: 'notifications/message', params: { level: 'info', data: 'x', 'x-unknown': [1] } };

  function listen(...owners: (ReturnType<typeof owner> | undefined)[]) {
    const heard: [string, Notice][] = [];
    const { peer, receive } = open({ onNotice: (notice) => heard.push(['connection', notice]) });
    for (const [index, one] of owners.entries()) {
      void peer.request('tools/call', {}, { owner: one, onNotice: (notice) => heard.push([String(index), notice]) });
    }
    return { heard, receive };
  }

  test('belongs to the only open request, and comes with all its fields', () => {
    const { heard, receive } = listen(owner('a'));
    receive(message);
    receive({ method: 'notifications/vendor', params: { a: 1 } });
    expect(heard).toEqual([
      ['0', message],
      ['0', { method: 'notifications/vendor', params: { a: 1 } }],
    ]);
  });

  test('that may belong to two clients’ requests, or to none, is the connection’s', () => {
    const { heard, receive } = listen(owner('a'), owner('b'));
    receive(message);
    const idle = listen();
    idle.receive(message);
    expect([...heard, ...idle.heard]).toEqual([
      ['connection', { ...message, owners: [owner('a'), owner('b')] }],
      ['connection', message],
    ]);
  });

  test('that comes after a cancelled request is told to its client alone, as one that belongs to no request', () => {
    const heard: Notice[] = [];
    const { peer, receive } = open({ onNotice: (notice) => heard.push(notice) });
    const abort = new AbortController();
    const onNotice = vi.fn<(notice: Notice) => void>();
    void peer.request('tools/call', {}, { owner: owner('a'), signal: abort.signal, onNotice });
    abort.abort();
    receive(message);
    receive({ method: 'notifications/prompts/list_changed' });
    expect(onNotice).not.toHaveBeenCalled();
    expect(heard).toEqual([
      { ...message, owners: [owner('a')] },
      { method: 'notifications/prompts/list_changed', params: {} },
    ]);
  });

  test('reaches an open request, also where another one was cancelled and never answered', () => {
    const { peer, receive } = open();
    const abort = new AbortController();
    const onNotice = vi.fn<(notice: Notice) => void>();
    void peer.request('tools/call', {}, { owner: owner('a'), signal: abort.signal });
    void peer.request('tools/call', {}, { owner: owner('b'), onNotice });
    abort.abort();
    receive(message);
    expect(onNotice).toHaveBeenCalledExactlyOnceWith(message);
  });

  test.each([
    'notifications/resources/updated',
    'notifications/prompts/list_changed',
    'notifications/tasks/status',
    'notifications/elicitation/complete',
  ])('%s belongs to no request', (method) => {
    const { heard, receive } = listen(owner('a'));
    receive({ method, params: { uri: 'x' } });
    expect(heard).toEqual([['connection', { method, params: { uri: 'x' } }]]);
  });

  test('does not carry the mark of our own subscription', () => {
    const { heard, receive } = listen();
    const _meta = { 'io.modelcontextprotocol/subscriptionId': 'listen:0', kept: 1 };
    receive({ method: 'notifications/resources/updated', params: { uri: 'x', _meta } });
    expect(heard[0]![1].params).toEqual({ uri: 'x', _meta: { kept: 1 } });
  });
});

describe('a notification to the server', () => {
  test('goes out as it is on a legacy connection, without what another client may have called the same', () => {
    const { peer, sent } = open();
    peer.notify({ method: 'notifications/vendor', params: { a: 1, _meta: { progressToken: 1, traceparent: 't' } } });
    expect(sent).toEqual([
      { jsonrpc: '2.0', method: 'notifications/vendor', params: { a: 1, _meta: { traceparent: 't' } } },
    ]);
  });

  test('says on a modern connection who sends it', () => {
    const { peer, sent } = open({ envelope: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } });
    peer.notify({ method: 'notifications/vendor', params: {} }, { capabilities: { roots: {} } });
    expect(sent[0]!.params['_meta']).toEqual({
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': { roots: {} },
    });
  });
});
