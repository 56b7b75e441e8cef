import { expect } from 'vitest';
import { until } from '../../upstream/support.ts';
import type { InteropClient } from '../clients/interop-client.ts';
import type { Feature } from '../feature.ts';
import { readList, readPages, textOf } from '../feature.ts';

interface List {
  method: string;
  /** The field that no two entries share. */
  by: string;
  pages: number;
  first: string;
  last: string;
  count: number;
}

const lists: readonly List[] = [
  { method: 'tools/list', by: 'name', pages: 3, first: 'echo', last: 'grow', count: 27 },
  { method: 'resources/list', by: 'uri', pages: 3, first: 'memo://plain', last: 'memo://watched/b', count: 6 },
  {
    method: 'resources/templates/list',
    by: 'uriTemplate',
    pages: 2,
    first: 'memo://people/{name}',
    last: 'memo://places/{country}/{city}',
    count: 2,
  },
  { method: 'prompts/list', by: 'name', pages: 3, first: 'greet', last: 'odd', count: 5 },
];

export const listFeatures: readonly Feature[] = [
  ...lists.map(readsToItsEnd),
  {
    promise: 'is told of a cursor that nobody gave it',
    async run(client) {
      const answer = await client.send('tools/list', { cursor: 'made up' });
      expect(answer).toMatchObject({ error: { code: -32602 } });
    },
  },
  {
    promise: "has a prompt's argument completed",
    async run(client) {
      const result = await client.request('completion/complete', {
        ref: { type: 'ref/prompt', name: 'greet' },
        argument: { name: 'name', value: 'Ad' },
      });
      expect(result).toMatchObject({ completion: { values: ['Ada', 'Adele'], total: 12, hasMore: true } });
    },
  },
  {
    promise: "has a resource template's argument completed, from what is filled in already",
    async run(client) {
      const ref = { type: 'ref/resource', uri: 'memo://places/{country}/{city}' };
      const result = await client.request('completion/complete', {
        ref,
        argument: { name: 'city', value: 'pa' },
        context: { arguments: { country: 'france' } },
      });
      expect(result).toMatchObject({ completion: { values: ['paris', 'pau'], total: 12, hasMore: true } });
    },
  },
];

interface Kind {
  kind: 'tool' | 'prompt' | 'resource';
  use: (client: InteropClient, name: string) => Promise<string>;
}

const kinds: readonly Kind[] = [
  { kind: 'tool', use: async (client, name) => textOf(await client.callTool(name)) },
  { kind: 'prompt', use: async (client, name) => JSON.stringify(await client.request('prompts/get', { name })) },
  {
    kind: 'resource',
    use: async (client, name) => JSON.stringify(await client.request('resources/read', { uri: `memo://${name}` })),
  },
];

/** Lists that change while the client is connected. */
export const changeFeatures: readonly Feature[] = kinds.map(hearsOfANewOne);

function readsToItsEnd({ method, by, pages, first, last, count }: List): Feature {
  return {
    promise: `reads ${method} to its end: every entry once, in the server's order`,
    async run(client, { pair }) {
      if (!pair.isProxied) expect((await readPages(client, method)).length).toBeGreaterThanOrEqual(pages);
      const names = (await readList(client, method)).map((entry) => entry[by]);
      expect(new Set(names).size).toBe(names.length);
      const start = names.indexOf(first);
      expect(start).toBeGreaterThanOrEqual(0);
      // The rest is of the proxy, or was added by other rows.
      expect(names.indexOf(last)).toBe(start + count - 1);
    },
  };
}

function hearsOfANewOne({ kind, use }: Kind): Feature {
  return {
    promise: `hears of a new ${kind}, finds it and uses it`,
    async run(client, { newKey }) {
      const name = `new_${kind}_${newKey().replace('-', '_')}`;
      const announced = `notifications/${kind}s/list_changed`;
      const stop = await client.watchLists();
      const before = client.heard(announced).length;
      await client.callTool('grow', { kind, name });
      await until(() => client.heard(announced).length > before);
      const names = (await readList(client, `${kind}s/list`)).map((entry) => entry['name']);
      expect(names).toContain(name);
      expect(await use(client, name)).toContain(kind === 'tool' ? `I am ${name}` : 'grown');
      await stop();
    },
  };
}
