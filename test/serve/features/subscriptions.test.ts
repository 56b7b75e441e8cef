import { describe, expect, test } from 'vitest';
import type { Notice } from '../../../src/core/protocol/client.ts';
import { refusal, type Reply } from '../../../src/core/protocol/rpc.ts';
import type { Engine } from '../../../src/serve/engine.ts';
import { watchChanges } from '../../../src/serve/features/client-changes.ts';
import { subscribeResource, unsubscribeResource } from '../../../src/serve/features/subscribe-resource.ts';
import { handleRequest } from '../../../src/serve/handle-request.ts';
import { silent } from '../../upstream/support.ts';
import { requestOf } from '../stub-engine.ts';
import { serving } from './serving.ts';

const files = { answers: { 'resources/list': { resources: [{ uri: 'x:a' }, { uri: 'x:files' }] } } };
const modern = { era: 'modern' } as const;
const mail = { answers: { 'resources/list': { resources: [{ uri: 'x:a' }] } } };

function send(engine: Engine, method: string, uri: unknown) {
  return handleRequest(engine, requestOf(`resources/${method}`, typeof uri === 'string' ? { uri } : {}));
}

/** What the client hears of changed resources, by their URIs. */
function hearing(engine: Engine): string[] {
  const heard: string[] = [];
  watchChanges(engine, ({ params }: Notice) => heard.push(JSON.stringify(params['uri'])));
  return heard;
}

function updated(server: string, uri: string) {
  return { server, method: 'notifications/resources/updated', params: { uri } };
}

describe('a client that watches a resource', () => {
  test('has the server asked that has it, once, however often it asks', async () => {
    const { engine, subscriptions } = serving({ files, mail });
    expect(await send(engine, 'subscribe', 'x:files')).toEqual({});
    expect(await send(engine, 'subscribe', 'x:files')).toEqual({});
    expect(await send(engine, 'unsubscribe', 'x:files')).toEqual({});
    expect(await send(engine, 'unsubscribe', 'x:files')).toEqual({});
    expect(subscriptions).toEqual(['+files x:files', '-files x:files']);
  });

  test('has none asked to leave what it does not watch', async () => {
    const { engine, subscriptions } = serving({ files });
    expect(await send(engine, 'unsubscribe', 'x:files')).toEqual({});
    expect(subscriptions).toEqual([]);
  });

  test('hears the error of the server, unchanged, and can ask again', async () => {
    let answer: Reply = refusal(-32050, 'no', { a: [1] });
    const { engine, subscriptions } = serving({ files }, { onSubscribe: () => answer });
    await expect(send(engine, 'subscribe', 'x:a')).rejects.toMatchObject({
      code: -32050,
      message: 'no',
      data: { a: [1] },
    });
    answer = { ok: true, result: { vendor: 1 } };
    expect(await send(engine, 'subscribe', 'x:a')).toEqual({ vendor: 1 });
    expect(subscriptions).toEqual(['+files x:a', '+files x:a']);
  });

  test('is told which URIs to use where two servers have the resource', async () => {
    const { engine, subscriptions } = serving({ files, mail });
    await expect(send(engine, 'subscribe', 'x:a')).rejects.toMatchObject({ code: -32602 });
    await send(engine, 'subscribe', 'marshal:mail/x:a');
    expect(subscriptions).toEqual(['+mail x:a']);
  });

  test('goes past servers that do not know the resource, or do not tell of changes', async () => {
    const refused = (server: string): Reply =>
      server === 'files' ? refusal(-32601, 'no') : server === 'mail' ? refusal(-32002, 'no') : { ok: true, result: {} };
    const { engine, subscriptions } = serving({ files, mail, notes: mail }, { onSubscribe: refused });
    await send(engine, 'subscribe', 'q:new');
    await send(engine, 'unsubscribe', 'q:new');
    expect(subscriptions).toEqual(['+files q:new', '+mail q:new', '+notes q:new', '-notes q:new']);
  });

  test('may watch a thousand at once, and is refused one more until it leaves one', async () => {
    const { engine } = serving({ files });
    for (let index = 0; index < 1_000; index++) await send(engine, 'subscribe', `x:${index}`);
    await expect(send(engine, 'subscribe', 'x:more')).rejects.toMatchObject({
      message: expect.stringContaining('1000'),
    });
    expect(await send(engine, 'subscribe', 'x:7')).toEqual({});
    await send(engine, 'unsubscribe', 'x:7');
    expect(await send(engine, 'subscribe', 'x:more')).toEqual({});
  });

  test.each(['subscribe', 'unsubscribe'])('has to say which one (%s)', async (method) => {
    await expect(send(serving({ files }).engine, method, 5)).rejects.toMatchObject({ code: -32602 });
  });
});

describe('a change of a resource', () => {
  test('is told under the URI that the client used', async () => {
    const { engine, tell } = serving({ files, mail });
    const heard = hearing(engine);
    await send(engine, 'subscribe', 'marshal:mail/x:a');
    await send(engine, 'subscribe', 'x:files');
    tell(updated('mail', 'x:a'));
    tell(updated('files', 'x:files'));
    expect(heard).toEqual(['"marshal:mail/x:a"', '"x:files"']);
  });

  test('is told under each URI that the client used, as long as it does', async () => {
    const { engine, tell, clock, subscriptions } = serving({ files, mail });
    const heard = hearing(engine);
    await send(engine, 'subscribe', 'x:files');
    await send(engine, 'subscribe', 'marshal:files/x:files');
    tell(updated('files', 'x:files'));
    await send(engine, 'unsubscribe', 'x:files');
    await clock.pass(250);
    tell(updated('files', 'x:files'));
    expect(heard).toEqual(['"x:files"', '"marshal:files/x:files"', '"marshal:files/x:files"']);
    expect(subscriptions).toEqual(['+files x:files']);
    await send(engine, 'unsubscribe', 'marshal:files/x:files');
    expect(subscriptions).toEqual(['+files x:files', '-files x:files']);
  });

  test('of a part of what the client watches names the server where the client did', async () => {
    const { engine, tell } = serving({ files, mail });
    const heard = hearing(engine);
    await send(engine, 'subscribe', 'marshal:mail/x:a');
    await send(engine, 'subscribe', 'x:files');
    tell(updated('mail', 'x:a/part'));
    tell(updated('files', 'x:files/part'));
    expect(heard).toEqual(['"marshal:mail/x:a/part"', '"x:files/part"']);
  });

  test('keeps everything else that the server says with it', async () => {
    const { engine, tell } = serving({ files, mail });
    const heard: Notice[] = [];
    watchChanges(engine, (notice) => heard.push(notice));
    await send(engine, 'subscribe', 'marshal:mail/x:a');
    const params = { uri: 'x:a', title: 'new', _meta: { v: [1] } };
    tell({ server: 'mail', method: 'notifications/resources/updated', params });
    expect(heard).toEqual([
      { method: 'notifications/resources/updated', params: { ...params, uri: 'marshal:mail/x:a' } },
    ]);
  });
});

describe('modern clients that cannot be told apart', () => {
  test('do not switch each other off: they watch 20,000 resources together', async () => {
    const { engine } = serving({ files });
    const uris = Array.from({ length: 20_000 }, (_, index) => `x:${index}`);
    const replies = await Promise.all(uris.map((uri) => subscribeResource(engine, uri, modern)));
    expect(replies.filter(({ ok }) => !ok)).toEqual([]);
    expect(await subscribeResource(engine, 'x:more', modern)).toMatchObject({
      error: { message: expect.stringContaining('20000') },
    });
    expect(await subscribeResource(engine, 'x:7', modern)).toMatchObject({ ok: true });
  });
});

describe('a refusal because too many resources are watched', () => {
  test('is logged once, however many follow', async () => {
    const warned: unknown[] = [];
    const logger = { ...silent, warn: (...told: unknown[]) => void warned.push(told) } as typeof silent;
    const { engine } = serving({ files }, { logger });
    for (let index = 0; index < 1_000; index++) await send(engine, 'subscribe', `x:${index}`);
    expect(warned).toEqual([]);
    for (const uri of ['x:more', 'x:other']) await expect(send(engine, 'subscribe', uri)).rejects.toThrow('1000');
    expect(warned).toEqual([[{ max: 1_000 }, expect.stringContaining('watch')]]);
  });
});

describe('streams of one modern client that watch the same resource', () => {
  test('have it watched until the last one ends', async () => {
    const { engine, subscriptions } = serving({ files, mail });
    await Promise.all([subscribeResource(engine, 'x:files', modern), subscribeResource(engine, 'x:files', modern)]);
    await unsubscribeResource(engine, 'x:files');
    expect(subscriptions).toEqual(['+files x:files']);
    await unsubscribeResource(engine, 'x:files');
    expect(subscriptions).toEqual(['+files x:files', '-files x:files']);
  });

  test('may end before the server has answered: then it is told so, unless another has come', async () => {
    const { engine, subscriptions } = serving({ files });
    const first = subscribeResource(engine, 'x:files', modern);
    await unsubscribeResource(engine, 'x:files');
    const second = subscribeResource(engine, 'x:files', modern);
    await Promise.all([first, second]);
    expect(subscriptions).toEqual(['+files x:files']);
    await unsubscribeResource(engine, 'x:files');
    const third = subscribeResource(engine, 'x:files', modern);
    await unsubscribeResource(engine, 'x:files');
    await unsubscribeResource(engine, 'x:files');
    await third;
    expect(subscriptions).toEqual(['+files x:files', '-files x:files', '+files x:files', '-files x:files']);
  });

  test('all hear that the server refuses', async () => {
    const { engine } = serving({ files }, { onSubscribe: () => refusal(-32602, 'no') });
    const replies = await Promise.all([
      subscribeResource(engine, 'x:a', modern),
      subscribeResource(engine, 'x:a', modern),
    ]);
    expect(replies).toMatchObject([{ ok: false }, { ok: false }]);
    expect(await subscribeResource(engine, 'x:a', modern)).toMatchObject({ ok: false });
  });
});
