import { expect } from 'vitest';
import { until } from '../../upstream/support.ts';
import type { InteropClient } from '../clients/interop-client.ts';
import type { Feature } from '../feature.ts';
import { bare, readList } from '../feature.ts';

const allBytes = Buffer.from(Uint8Array.from({ length: 256 }, (_, byte) => byte)).toString('base64');

export const resourceFeatures: readonly Feature[] = [
  {
    promise: 'sees all that a server says of its resources and templates',
    async run(client) {
      await client.request('resources/list');
      await client.request('resources/templates/list');
      const resources = await readList(client, 'resources/list');
      expect(resources.find(({ uri }) => uri === 'memo://plain')).toEqual({
        uri: 'memo://plain',
        name: 'plain',
        title: 'A plain memo',
        description: 'One line',
        mimeType: 'text/plain',
        size: 11,
        annotations: { audience: ['user'], priority: 0.25, lastModified: '2026-01-02T03:04:05Z' },
        _meta: { 'example.com/shelf': 7 },
        'x-vendor': { kept: true },
      });
      const templates = await readList(client, 'resources/templates/list');
      expect(templates.find(({ name }) => name === 'people')).toEqual({
        uriTemplate: 'memo://people/{name}',
        name: 'people',
        title: 'People',
        description: 'One memo a person',
        mimeType: 'text/plain',
        'x-vendor': { kept: true },
      });
    },
  },
  {
    promise: 'reads a text resource, with unknown fields',
    async run(client) {
      const {
        ttlMs: _ttlMs,
        cacheScope: _cacheScope,
        ...rest
      } = bare(await client.request('resources/read', { uri: 'memo://plain' }));
      expect(rest).toEqual({
        contents: [
          {
            uri: 'memo://plain',
            mimeType: 'text/plain',
            text: 'plain text\n',
            _meta: { 'example.com/line': 1 },
            vendorContent: { deep: [null] },
          },
        ],
        vendorResult: { kept: true },
      });
    },
  },
  {
    promise: 'is told how long a resource may be kept, and by whom',
    excludes: ({ clientEra, upstream }) =>
      clientEra === 'legacy' || upstream.era === 'legacy' ? 'the legacy era does not say how long' : undefined,
    async run(client) {
      const result = await client.request('resources/read', { uri: 'memo://plain' });
      expect(result).toMatchObject({ ttlMs: 60_000, cacheScope: 'public' });
    },
  },
  {
    promise: 'reads a binary resource, every byte of it',
    async run(client) {
      const { contents } = await client.request('resources/read', { uri: 'memo://bytes' });
      expect(contents).toEqual([{ uri: 'memo://bytes', mimeType: 'application/octet-stream', blob: allBytes }]);
    },
  },
  {
    promise: 'reads a resource of several parts',
    async run(client) {
      const { contents } = await client.request('resources/read', { uri: 'memo://several' });
      expect(contents).toEqual([
        { uri: 'memo://several/1', mimeType: 'text/plain', text: 'one' },
        { uri: 'memo://several/2', mimeType: 'image/png', blob: 'iVBORw0KGgo=' },
      ]);
    },
  },
  {
    promise: 'reads a resource that only a template describes',
    async run(client) {
      const uri = 'memo://people/Ada%20L';
      const { contents } = await client.request('resources/read', { uri });
      expect(contents).toEqual([{ uri, mimeType: 'text/plain', text: 'about Ada L' }]);
    },
  },
  {
    promise: 'is told which resource is missing',
    async run(client) {
      const answer = await client.send('resources/read', { uri: 'memo://missing' });
      expect(answer).toMatchObject({ error: { message: 'Resource not found', data: { uri: 'memo://missing' } } });
      // Version 2 says so with -32602 in both eras, as the modern one wants it.
      expect([-32602, -32002]).toContain('error' in answer && answer.error['code']);
    },
  },
  {
    promise: 'hears of changes to the resources that it watches, and of no others',
    async run(client, { pair }) {
      const [a, b] = ['memo://watched/a', 'memo://watched/b'];
      const before = updatesOf(client, a).length;
      const stop = await client.watch([a]);
      await client.callTool('touch', { uri: b });
      await client.callTool('touch', { uri: a });
      await until(() => updatesOf(client, a).length > before);
      expect(updatesOf(client, a)).toHaveLength(before + 1);
      expect(updatesOf(client, b)).toHaveLength(0);
      if (pair.clientEra === 'modern') {
        const { _meta } = client.heard('notifications/resources/updated').at(-1)!;
        expect(_meta).toMatchObject({ 'io.modelcontextprotocol/subscriptionId': expect.stringMatching(/^listen:/) });
      }
      await stop();
      const stopBoth = await client.watch([b]);
      await client.callTool('touch', { uri: a });
      await client.callTool('touch', { uri: b });
      await until(() => updatesOf(client, b).length > 0);
      expect(updatesOf(client, a)).toHaveLength(before + 1);
      await stopBoth();
    },
  },
];

function updatesOf(client: InteropClient, uri: string): unknown[] {
  return client.heard('notifications/resources/updated').filter((params) => params['uri'] === uri);
}
