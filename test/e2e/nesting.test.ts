import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isJsonObject } from '../../src/core/json.ts';
import { clientKinds, connectClient, createWorkspace, firstText, fixtureServer } from './support.ts';
import { sendBatch, serveLaunch, startProxy, writeConfig } from './support.ts';
import type { RunningProxy, TestClient } from './support.ts';

const servers = { deep: fixtureServer('deep.mjs'), it: fixtureServer('scripted.mjs') };

describe.each(clientKinds)('a server whose messages are nested 20,000 levels deep, for a client of %s', (kind) => {
  const workspace = createWorkspace();
  let client: TestClient;
  beforeAll(async () => {
    client = await connectClient(workspace, kind, serveLaunch(writeConfig(workspace, { servers })));
  });
  afterAll(workspace.close);

  test('[isolation] the first call of a session fails with an error where its result is so, and the session goes on', async () => {
    await expect(client.call('deep__result')).rejects.toMatchObject({ code: -32603 });
    expect(firstText(await client.call('it__echo', { still: 'there' }))).toContain('there');
  });

  test('the tool whose schema is so is left out; its neighbours are there', async () => {
    const names = (await client.listTools()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['deep__plain', 'deep__result', 'it__echo']));
    expect(names).not.toContain('deep__schema');
  });

  test('[isolation] a call of a batch whose result is so fails alone', async () => {
    const tools = ['deep__plain', 'deep__result', 'deep__error', 'deep__stray', 'it__echo'];
    const { results } = await sendBatch(
      client,
      tools.map((tool) => ({ tool })),
    );
    expect(results.map(({ status, error }) => [status, error?.code])).toEqual([
      ['ok', undefined],
      ['failed', 'upstream_error'],
      ['failed', 'upstream_error'],
      ['ok', undefined],
      ['ok', undefined],
    ]);
  });

  test('a call by itself is answered, with an error where the answer cannot be written', async () => {
    await expect(client.call('deep__result')).rejects.toMatchObject({ code: -32603 });
    await expect(client.call('deep__error')).rejects.toMatchObject({ code: -32050 });
    expect(firstText(await client.call('it__echo', { still: 'there' }))).toContain('there');
  });

  test('progress that is so is dropped; the call is answered', async () => {
    const seen: unknown[] = [];
    const result = await client.call('deep__progress', {}, { onProgress: (progress) => seen.push(progress) });
    expect(firstText(result)).toBe('done');
    expect(seen).toEqual([]);
  });
});

test('the program lives on through all that such a server sends, and ends as it should', async () => {
  const workspace = createWorkspace();
  try {
    const proxy: RunningProxy = startProxy(workspace, { config: writeConfig(workspace, { servers }) });
    await proxy.initialize();
    await proxy.request('tools/list');
    for (const name of ['result', 'error', 'progress', 'stray', 'schema']) {
      const response = await proxy.request('tools/call', { name: `deep__${name}`, _meta: { progressToken: name } });
      expect(isJsonObject(response['result'] ?? response['error'])).toBe(true);
    }
    expect(await proxy.request('tools/call', { name: 'it__echo' })).toHaveProperty('result');
    proxy.endInput();
    expect(await proxy.exited).toMatchObject({ code: 0, signal: null });
    expect(proxy.stderr()).not.toMatch(/\n {4}at /);
  } finally {
    await workspace.close();
  }
});
