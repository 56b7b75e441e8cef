import { expect, onTestFinished, test } from 'vitest';
import { createInstance } from '../../../src/upstream/instance/instance.ts';
import type { Instance } from '../../../src/upstream/instance/instance.ts';
import { answersAs, askable, askableClient } from '../link/open-fleet.ts';
import { fixture, serverConfig, silent } from '../support.ts';

function start(): Instance {
  const asking = { has: () => false, add: () => {} };
  const options = { server: serverConfig(fixture('talkative.mjs')), logger: silent, asking };
  const instance = createInstance({ ...options, timings: { probeMs: 20_000 } });
  instance.upstream.start(askable);
  onTestFinished(() => instance.upstream.close());
  return instance;
}

const question = { arguments: { method: 'elicitation/create' } };
const visitor = (id: string) => ({ client: askableClient(id), level: () => undefined, hear() {} });

test('a question makes a connection its client’s own, but not that of a client that has left, and is remembered', async () => {
  const [instance, other] = [start(), start()];
  const [a, b] = [visitor('a'), visitor('b')];
  for (const one of [instance, other]) for (const each of [a, b]) one.attach(each);
  other.detach(a);
  for (const { upstream } of [instance, other]) {
    await upstream.call('ask', question, { owner: { client: a.client }, ask: answersAs('a') });
  }
  expect([instance.serves(b.client), other.serves(b.client)]).toEqual([false, true]);
  expect([instance.claim(b.client), other.claim(b.client)]).toEqual([false, true]);
});

test('a client that takes over a connection with a cancelled request gets a fresh one', async () => {
  const instance = start();
  const [a, b] = [visitor('a'), visitor('b')];
  const abort = new AbortController();
  const peer = await instance.upstream.connected();
  const waiting = instance.upstream.call(
    'wait',
    { arguments: { ms: 60_000 } },
    { owner: { client: a.client }, signal: abort.signal },
  );
  await expect.poll(() => instance.openRequests()).toBe(1);
  abort.abort();
  await waiting;
  expect(instance.isWorn()).toBe(true);
  expect(instance.claim(b.client)).toBe(true);
  expect(await instance.upstream.connected()).not.toBe(peer);
  expect(instance.isWorn()).toBe(false);
});
