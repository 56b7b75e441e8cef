import { expect } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { isJsonObject } from '../../../src/core/json.ts';
import type { Expectations, Feature, Recorded } from '../feature.ts';
import { bare } from '../feature.ts';

const serverInfoKey = 'io.modelcontextprotocol/serverInfo';
const traceId = '0af7651916cd43dd8448eb211c80319c';

export const metaFeatures: readonly Feature[] = [
  {
    promise: 'has its _meta arrive with a call, a prompt and a resource',
    async run(client, { newKey, records }) {
      const key = newKey();
      const meta = { 'example.com/note': { key, deep: [1, { x: null }] } };
      await client.callTool('weather', { city: 'Ulm' }, { meta });
      await client.request('prompts/get', { name: 'picture' }, { meta });
      await client.request('resources/read', { uri: 'memo://plain' }, { meta });
      const arrived = records().filter((record) => JSON.stringify(metaOf(record)['example.com/note'])?.includes(key));
      expect(arrived.map(({ method }) => method)).toEqual(['tools/call', 'prompts/get', 'resources/read']);
      for (const record of arrived) expect(metaOf(record)).toMatchObject(meta);
    },
  },
  {
    promise: 'has its trace continued',
    async run(client, { newKey, callsOf }) {
      const key = newKey();
      const meta = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, tracestate: 'rojo=1', baggage: `key=${key}` };
      await client.callTool('with_meta', { key }, { meta });
      const [arrived] = callsOf(key).map(metaOf);
      expect(arrived).toMatchObject({ tracestate: 'rojo=1', baggage: `key=${key}` });
      // A proxy may count as a step of its own.
      expect(arrived?.['traceparent']).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    },
  },
  {
    promise: "gets a server's _meta with a result",
    async run(client, { newKey }) {
      const result = await client.callTool('with_meta', { key: newKey() });
      expect(bare(result)['_meta']).toEqual({ 'example.com/cost': { tokens: 3, parts: [1, null] } });
    },
  },
  {
    promise: 'is never told that somebody else than its server has answered',
    async run(client, { newKey }) {
      const { _meta } = await client.callTool('with_meta', { key: newKey() });
      const serverInfo = isJsonObject(_meta) ? _meta[serverInfoKey] : undefined;
      if (serverInfo !== undefined) expect(serverInfo).toMatchObject({ name: client.serverName });
      else expect(client.serverName).toEqual(expect.any(String));
    },
  },
  {
    promise: 'reads the instructions of the server',
    async run(client) {
      expect(client.instructions).toContain('Interop peer: look before you leap.');
    },
  },
  {
    promise: 'sees what the server can do',
    async run(client) {
      expect(client.capabilities).toMatchObject({
        tools: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        prompts: { listChanged: true },
        completions: {},
        logging: {},
      });
    },
  },
  {
    promise: 'can ask whether anybody is there',
    excludes: ({ clientEra }) => (clientEra === 'modern' ? 'the modern era has no ping' : undefined),
    async run(client) {
      expect(await client.request('ping')).toEqual({});
    },
  },
  {
    promise: 'has an argument repeated in a header, where the tool wants that',
    excludes: ({ upstream }) =>
      upstream.era === 'legacy' || upstream.transport !== 'http'
        ? 'only modern servers over HTTP read headers'
        : undefined,
    async run(client, expectations) {
      // An SDK learns of the wish from the list.
      await client.request('tools/list');
      expect(await headerFor(client, expectations, 'eu-west')).toBe('eu-west');
      expect(await headerFor(client, expectations, 'Köln')).toBe('=?base64?S8O2bG4=?=');
    },
  },
];

async function headerFor(
  client: { callTool: (name: string, args: JsonObject) => Promise<JsonObject> },
  { newKey, callsOf }: Expectations,
  region: string,
): Promise<string | undefined> {
  const key = newKey();
  await client.callTool('region', { key, region });
  return callsOf(key)[0]?.headers?.['mcp-param-region'];
}

function metaOf({ params }: Recorded): JsonObject {
  return isJsonObject(params?.['_meta']) ? params['_meta'] : {};
}
