import { expect } from 'vitest';
import type { Feature } from '../feature.ts';
import { bare, readList, textOf } from '../feature.ts';

const weather = {
  name: 'weather',
  title: 'The weather',
  description: 'The weather of the interop peer',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  outputSchema: {
    type: 'object',
    properties: { city: { type: 'string' }, celsius: { type: 'number' } },
    required: ['city', 'celsius'],
  },
  annotations: { title: 'Weather', readOnlyHint: true, openWorldHint: false },
  icons: [{ src: 'data:image/png;base64,iVBORw0KGgo=', mimeType: 'image/png', sizes: ['16x16'] }],
  _meta: { 'example.com/weight': { grams: [1, 2.5, null] } },
};

const oddFields = {
  name: 'odd_fields',
  description: 'The odd_fields of the interop peer',
  inputSchema: {
    type: 'object',
    properties: { city: { type: 'string', 'x-vendor': { units: ['k', 'c'] }, pattern: '^.+$' } },
    required: ['city'],
  },
  'x-vendor': { kept: true, deep: [{ nothing: null }] },
  annotations: { readOnlyHint: true, vendorHint: 'soft' },
};

const oddArguments = {
  z: 'first',
  a: ['', 0, -1, 1.5e-7, 9007199254740991, true, null, [], {}, [[null]]],
  'grüße ✓': { '': { $ref: '#', 'a/b~c': 'line\nbreak\u2028\u0000' } },
  constructor: 'plain',
};

export const toolFeatures: readonly Feature[] = [
  {
    promise: 'sees all that a server says of its tools',
    async run(client) {
      await client.request('tools/list');
      const tools = await readList(client, 'tools/list');
      expect(tools.find(({ name }) => name === 'weather')).toEqual(weather);
    },
  },
  {
    promise: 'sees unknown fields of tools',
    async run(client) {
      const tools = await readList(client, 'tools/list');
      expect(tools.find(({ name }) => name === 'odd_fields')).toEqual(oddFields);
    },
  },
  {
    promise: 'gets structured content beside its text',
    async run(client) {
      const result = await client.callTool('weather', { city: 'Ulm' });
      expect(bare(result)).toEqual({
        content: [{ type: 'text', text: '12 degrees in Ulm' }],
        structuredContent: { city: 'Ulm', celsius: 12 },
      });
    },
  },
  {
    promise: 'gets structured content that is a list, wrapped in the era that knows objects only',
    async run(client, { pair }) {
      const isWrapped = pair.clientEra === 'legacy' || pair.upstream.era === 'legacy';
      const tools = await readList(client, 'tools/list');
      const list = { type: 'array', items: { type: 'number' } };
      expect(tools.find(({ name }) => name === 'primes')?.['outputSchema']).toEqual(
        isWrapped ? { type: 'object', properties: { result: list }, required: ['result'] } : list,
      );
      const { structuredContent, content } = await client.callTool('primes');
      expect(structuredContent).toEqual(isWrapped ? { result: [2, 3, 5, 7] } : [2, 3, 5, 7]);
      expect(content).toEqual([{ type: 'text', text: '[2,3,5,7]' }]);
    },
  },
  {
    promise: 'gets images, audio, links and embedded resources as they are',
    async run(client) {
      expect(bare(await client.callTool('gallery'))).toEqual({
        content: [
          { type: 'text', text: 'grüße ✓ \u2028 "\\' },
          { type: 'image', data: 'iVBORw0KGgo=', mimeType: 'image/png', annotations: { priority: 1 } },
          { type: 'audio', data: 'UklGRg==', mimeType: 'audio/wav' },
          { type: 'resource_link', uri: 'memo://plain', name: 'plain', title: 'A plain memo', mimeType: 'text/plain' },
          { type: 'resource', resource: { uri: 'memo://inline', mimeType: 'text/plain', text: 'inline' } },
          {
            type: 'resource',
            resource: { uri: 'memo://inline/bytes', mimeType: 'application/octet-stream', blob: 'AAEC/w==' },
          },
        ],
      });
    },
  },
  {
    promise: 'has its arguments arrive as it sent them, once',
    async run(client, { newKey, callsOf }) {
      const key = newKey();
      const { structuredContent } = await client.callTool('echo', { key, value: oddArguments });
      // As text, for the order of the keys.
      expect(JSON.stringify(structuredContent)).toBe(JSON.stringify({ key, value: oddArguments }));
      expect(callsOf(key).map(({ params }) => JSON.stringify(params?.['arguments']))).toEqual([
        JSON.stringify({ key, value: oddArguments }),
      ]);
    },
  },
  {
    promise: 'gets the failure of a tool as a result',
    async run(client) {
      const result = await client.callTool('fail_softly');
      expect(result).toMatchObject({ isError: true });
      expect(textOf(result)).toBe('it did not work');
    },
  },
];
