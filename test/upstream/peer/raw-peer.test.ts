import type { JSONRPCMessage } from '@modelcontextprotocol/client';
import { describe, expect, test, vi } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Notice } from '../../../src/core/protocol/client.ts';
import { createRawPeer } from '../../../src/upstream/peer/raw-peer.ts';
import { UnsentError } from '../../../src/upstream/peer/failure/unsent-error.ts';
import { deepJson } from '../support.ts';
import { memoryTransport } from './memory-transport.ts';

describe('answers', () => {
  test('what is secret is blanked out of an error and its data, but not out of what asks for something', async () => {
    const { transport, sent, receive } = memoryTransport();
    const redact = (text: string): string => text.replaceAll('hush', '•••');
    const peer = createRawPeer(transport, { redact });
    const error = { code: -32000, message: 'hush', data: { tried: ['a hush', 1, null], 'hush-name': { b: 'hush' } } };
    const first = peer.request('tools/call', {});
    receive({ id: sent[0]!.id, error });
    expect(await first).toEqual({
      kind: 'error',
      error: { code: -32000, message: '•••', data: { tried: ['a •••', 1, null], 'hush-name': { b: '•••' } } },
    });
    const second = peer.request('tools/call', {});
    receive({ id: sent[1]!.id, error: { code: -32042, message: 'hush', data: { url: 'https://hush' } } });
    expect(await second).toMatchObject({ error: { message: '•••', data: { url: 'https://hush' } } });
  });

  test('a result comes back as the upstream sent it, unknown fields, content types and _meta included', async () => {
    const { transport, sent, receive } = memoryTransport();
    const answer = createRawPeer(transport).request('tools/call', { name: 'odd' });
    const result = {
      content: [{ type: 'hologram', beams: [1] }],
      'x-unknown': { deep: [null] },
      _meta: { 'example.com/a': 1 },
    };
    receive({ id: sent[0]!.id, result: structuredClone(result) });
    expect(await answer).toEqual({ kind: 'result', result });
  });

  test('the identity of the upstream is taken out of a result, and an emptied _meta with it', async () => {
    const { transport, sent, receive } = memoryTransport();
    const peer = createRawPeer(transport);
    const first = peer.request('tools/call', {});
    const second = peer.request('tools/call', {});
    const serverInfo = { name: 'other', version: '1' };
    receive({ id: sent[0]!.id, result: { _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo } } });
    receive({ id: sent[1]!.id, result: { _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo, kept: 1 } } });
    expect(await first).toEqual({ kind: 'result', result: {} });
    expect(await second).toEqual({ kind: 'result', result: { _meta: { kept: 1 } } });
  });

  test('an error comes back with its code, message and data', async () => {
    const { transport, sent, receive } = memoryTransport();
    const answer = createRawPeer(transport).request('resources/read', { uri: 'x' });
    const error = { code: -32002, message: 'not found', data: { uri: 'x' } };
    receive({ id: sent[0]!.id, error });
    expect(await answer).toEqual({ kind: 'error', error });
  });

  test('answers find their requests in whatever order they come', async () => {
    const { transport, sent, receive } = memoryTransport();
    const peer = createRawPeer(transport);
    const answers = [0, 1, 2].map(() => peer.request('tools/call', {}));
    for (const index of [2, 0, 1]) receive({ id: sent[index]!.id, result: { index } });
    expect(await Promise.all(answers)).toEqual([0, 1, 2].map((index) => ({ kind: 'result', result: { index } })));
  });

  test.each([
    ['both a result and an error', { result: {}, error: { code: 1, message: 'x' } }],
    ['neither', {}],
    ['a result that is no object', { result: 'text' }],
    ['an error without a code', { error: { message: 'x' } }],
  ])('an answer with %s fails that request at once', async (_, malformed) => {
    const { transport, sent, receive } = memoryTransport();
    const answer = createRawPeer(transport).request('tools/call', {});
    receive({ id: sent[0]!.id, ...malformed });
    expect(await answer).toMatchObject({ kind: 'malformed' });
  });

  test('a second answer, a late one and one to an id never given are counted and reach nobody', async () => {
    const { transport, sent, receive, toClient } = memoryTransport();
    const peer = createRawPeer(transport);
    const first = peer.request('tools/call', {});
    const other = peer.request('tools/call', {});
    receive({ id: sent[0]!.id, result: { n: 1 } });
    receive({ id: sent[0]!.id, result: { n: 2 } });
    receive({ id: 'm:777', result: { n: 3 } });
    receive({ id: sent[1]!.id, result: { n: 4 } });
    expect(await first).toEqual({ kind: 'result', result: { n: 1 } });
    expect(await other).toEqual({ kind: 'result', result: { n: 4 } });
    expect(peer.strayAnswers()).toBe(2);
    expect(toClient).not.toHaveBeenCalled();
  });

  test.each([
    ['what is not ours goes on to the SDK client: its answers, pings of the server, news of its subscriptions', {}, 4],
    ['in the legacy era no notifications', undefined, 3],
  ])('%s', (_, envelope, passedOn) => {
    const { transport, receive, toClient } = memoryTransport();
    const onNotice = vi.fn<(notice: Notice) => void>();
    createRawPeer(transport, { onNotice, envelope });
    receive({ id: 0, result: {} });
    receive({ id: 'listen:0', result: {} });
    receive({ id: 'm:1', method: 'ping' });
    receive({ method: 'notifications/subscriptions/acknowledged', params: {} });
    expect(toClient).toHaveBeenCalledTimes(passedOn);
    // It would take long to pass these over, and a server may send any number.
    receive({ method: 'notifications/tools/list_changed' });
    expect(toClient).toHaveBeenCalledTimes(passedOn);
    expect(onNotice.mock.calls).toEqual([[{ method: 'notifications/tools/list_changed', params: {} }]]);
  });
});

describe('progress', () => {
  test('notifications arrive in order with all their fields, also in the same moment as the answer', async () => {
    const { transport, sent, receive } = memoryTransport();
    const seen: JsonObject[] = [];
    const answer = createRawPeer(transport).request('tools/call', {}, { onProgress: (params) => seen.push(params) });
    const progressToken = sent[0]!.id!;
    const params = [1, 2].map((progress) => ({ progressToken, progress, message: 'm', 'x-extra': true }));
    for (const one of params) receive({ method: 'notifications/progress', params: one });
    receive({ id: sent[0]!.id, result: {} });
    await answer;
    expect(seen).toEqual(params);
  });

  test('a client’s own token never reaches the upstream: it may be the same as another client’s', () => {
    const { transport, sent } = memoryTransport();
    const peer = createRawPeer(transport);
    const params = { name: 'a', _meta: { progressToken: 7, traceparent: '00-1-2-01' } };
    void peer.request('tools/call', params);
    void peer.request('tools/call', params, { onProgress: () => {} });
    expect(sent[0]!.params['_meta']).toEqual({ traceparent: '00-1-2-01' });
    expect(sent[1]!.params['_meta']).toEqual({ traceparent: '00-1-2-01', progressToken: sent[1]!.id });
    expect(params._meta.progressToken).toBe(7);
  });

  test('progress after the answer is dropped', async () => {
    const { transport, sent, receive } = memoryTransport();
    const onProgress = vi.fn<(params: JsonObject) => void>();
    const answer = createRawPeer(transport).request('tools/call', {}, { onProgress });
    receive({ id: sent[0]!.id, result: {} });
    await answer;
    receive({ method: 'notifications/progress', params: { progressToken: sent[0]!.id, progress: 1 } });
    expect(onProgress).not.toHaveBeenCalled();
  });

  test('progress that is nested too deep to be passed on is dropped, and what follows arrives', async () => {
    const { transport, sent, receive } = memoryTransport();
    const seen: unknown[] = [];
    const answer = createRawPeer(transport).request(
      'tools/call',
      {},
      { onProgress: ({ progress }) => seen.push(progress) },
    );
    const progressToken = sent[0]!.id!;
    const deep: JSONRPCMessage = JSON.parse(
      `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"${progressToken}","progress":1,"x":${deepJson(5_000)}}}`,
    );
    transport.onmessage?.(deep);
    receive({ method: 'notifications/progress', params: { progressToken, progress: 2 } });
    receive({ id: progressToken, result: {} });
    expect(await answer).toMatchObject({ kind: 'result' });
    expect(seen).toEqual([2]);
  });
});

describe('the envelope of the modern era', () => {
  const envelope = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'mcp-marshal', version: '0' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };

  test('every request says who we are, and what the client in front can do by its word to us', () => {
    const { transport, sent } = memoryTransport();
    const peer = createRawPeer(transport, { envelope });
    void peer.request('tools/list', {});
    const capabilities = { elicitation: { url: {} } };
    void peer.request('tools/list', {}, { capabilities, logLevel: 'debug' });
    expect(sent.pop()!.params['_meta']).toEqual({
      ...envelope,
      'io.modelcontextprotocol/clientCapabilities': capabilities,
      'io.modelcontextprotocol/logLevel': 'debug',
    });
    const ofClient = { 'io.modelcontextprotocol/clientCapabilities': { sampling: {} }, traceparent: '00-1-2-01' };
    void peer.request('tools/call', { name: 'a', _meta: ofClient });
    expect(sent[0]!.params).toEqual({ _meta: envelope });
    expect(sent[1]!.params['_meta']).toEqual({ ...envelope, traceparent: '00-1-2-01' });
  });

  test('on a legacy connection params without _meta go out as they are', () => {
    const { transport, sent } = memoryTransport();
    const params = { name: 'a', arguments: { b: 1 } };
    void createRawPeer(transport).request('tools/call', params);
    expect(sent[0]!.params).toBe(params);
  });
});

describe('cancelling', () => {
  test('an abort settles the request at once, tells the upstream and ignores what it still answers', async () => {
    const { transport, sent, receive } = memoryTransport();
    const peer = createRawPeer(transport);
    const abort = new AbortController();
    const answer = peer.request('tools/call', {}, { signal: abort.signal });
    abort.abort();
    expect(await answer).toEqual({ kind: 'cancelled', sent: true });
    expect(sent[1]).toMatchObject({ method: 'notifications/cancelled', params: { requestId: sent[0]!.id } });
    receive({ id: sent[0]!.id, result: {} });
    expect(peer.strayAnswers()).toBe(1);
  });

  test('a request whose signal is aborted already is never sent', async () => {
    const { transport, sent } = memoryTransport();
    const answer = await createRawPeer(transport).request('tools/call', {}, { signal: AbortSignal.abort() });
    expect(answer).toEqual({ kind: 'cancelled', sent: false });
    expect(sent).toEqual([]);
  });

  test('on modern HTTP the exchange is ended instead of a notification sent', async () => {
    const { transport, sent, sendOptions } = memoryTransport({ hasPerRequestStream: true });
    const abort = new AbortController();
    const answer = createRawPeer(transport, { envelope: {} }).request('tools/call', {}, { signal: abort.signal });
    abort.abort();
    expect(await answer).toEqual({ kind: 'cancelled', sent: true });
    expect(sendOptions[0]!.requestSignal!.aborted).toBe(true);
    expect(sent).toHaveLength(1);
  });

  test('on legacy HTTP both happen: the notification cancels, the end of the exchange frees the connection', () => {
    const { transport, sent, sendOptions } = memoryTransport({ hasPerRequestStream: true });
    const abort = new AbortController();
    void createRawPeer(transport).request('tools/call', {}, { signal: abort.signal });
    abort.abort();
    expect(sent[1]).toMatchObject({ method: 'notifications/cancelled' });
    expect(sendOptions[0]!.requestSignal!.aborted).toBe(true);
  });
});

const ask = (failWith: Error) => createRawPeer(memoryTransport({ failWith }).transport).request('tools/call', {});

test('an answer that is given up takes its stream along: taken up again, it would come again', async () => {
  const { transport, sent, sendOptions } = memoryTransport({ hasPerRequestStream: true });
  const peer = createRawPeer(transport);
  const answer = peer.request('tools/call', {});
  peer.refuse(sent[0]!.id!, 'it is too long');
  expect(await answer).toEqual({ kind: 'malformed', reason: 'it is too long' });
  expect(sendOptions[0]!.requestSignal!.aborted).toBe(true);
});

describe('losing the connection', () => {
  test('its end settles every open request, and later ones are not sent', async () => {
    const { transport, sent } = memoryTransport();
    const peer = createRawPeer(transport);
    const open = [peer.request('tools/call', {}), peer.request('tools/call', {})];
    transport.onclose?.();
    expect(await Promise.all(open)).toMatchObject([
      { kind: 'lost', sent: true },
      { kind: 'lost', sent: true },
    ]);
    expect(await peer.request('tools/call', {})).toMatchObject({ kind: 'lost', sent: false });
    expect(sent).toHaveLength(2);
  });

  test('a response stream that ends without an answer loses that request alone', async () => {
    const { transport, sent, sendOptions, receive } = memoryTransport({ hasPerRequestStream: true });
    const peer = createRawPeer(transport);
    const first = peer.request('tools/call', {});
    const second = peer.request('tools/call', {});
    sendOptions[0]!.onRequestStreamEnd!();
    receive({ id: sent[1]!.id, result: {} });
    expect(await first).toMatchObject({ kind: 'lost', sent: true, endsConnection: false });
    expect(await second).toMatchObject({ kind: 'result' });
  });

  test('a response that answers under another id alone is a broken answer; where the right one follows, that counts', async () => {
    for (const stranger of ['nobody', 'm:999', 999, null]) {
      const { transport, sent, sendOptions, streams } = memoryTransport({ hasPerRequestStream: true });
      const peer = createRawPeer(transport);
      const wrong = peer.request('tools/call', {});
      const right = peer.request('tools/call', {});
      for (const stream of streams) stream({ id: stranger, result: {} });
      streams[1]!({ id: sent[1]!.id, result: {} });
      for (const options of sendOptions) options!.onRequestStreamEnd!();
      expect(await wrong).toEqual({ kind: 'malformed', reason: 'it answered under another id' });
      expect(await right).toMatchObject({ kind: 'result' });
    }
  });

  test('what could not be sent is told from what may have arrived', async () => {
    const refused = new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code: 'ECONNREFUSED' }) });
    const reset = new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code: 'ECONNRESET' }) });
    expect(await ask(new UnsentError('full'))).toMatchObject({ kind: 'lost', sent: false, endsConnection: false });
    expect(await ask(refused)).toMatchObject({ kind: 'lost', sent: false, endsConnection: true });
    expect(await ask(reset)).toMatchObject({ kind: 'lost', sent: true, endsConnection: false });
  });
});
