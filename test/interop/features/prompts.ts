import { expect } from 'vitest';
import type { Feature } from '../feature.ts';
import { bare, readList } from '../feature.ts';

const user = (content: object): object => ({ role: 'user', content });

export const promptFeatures: readonly Feature[] = [
  {
    promise: 'sees all that a server says of its prompts',
    async run(client) {
      await client.request('prompts/list');
      const prompts = await readList(client, 'prompts/list');
      expect(prompts.find(({ name }) => name === 'greet')).toEqual({
        name: 'greet',
        title: 'A greeting',
        description: 'Greets somebody',
        arguments: [
          { name: 'name', description: 'Who', required: true },
          { name: 'tone', description: 'How', required: false },
        ],
        _meta: { 'example.com/shelf': 8 },
        'x-vendor': { kept: true },
      });
    },
  },
  {
    promise: 'gets a prompt made of its arguments, with unknown fields',
    async run(client) {
      const result = await client.request('prompts/get', { name: 'greet', arguments: { name: 'Ada', tone: 'warm' } });
      expect(bare(result)).toEqual({
        description: 'A greeting',
        messages: [
          user({ type: 'text', text: 'Greet Ada, warm', vendorBlock: { deep: [null] } }),
          { role: 'assistant', content: { type: 'text', text: 'Hello, Ada' } },
        ],
        _meta: { 'example.com/shelf': 9 },
        vendorResult: { kept: true },
      });
    },
  },
  {
    promise: 'gets a prompt with an image',
    async run(client) {
      const { messages } = await client.request('prompts/get', { name: 'picture' });
      expect(messages).toEqual([
        user({ type: 'text', text: 'Look:' }),
        user({ type: 'image', data: 'iVBORw0KGgo=', mimeType: 'image/png' }),
      ]);
    },
  },
  {
    promise: 'gets a prompt with an embedded resource and a link',
    async run(client) {
      const { messages } = await client.request('prompts/get', { name: 'embedded' });
      expect(messages).toEqual([
        user({
          type: 'resource',
          resource: { uri: 'memo://plain', mimeType: 'text/plain', text: 'plain text\n' },
        }),
        user({ type: 'resource_link', uri: 'memo://bytes', name: 'bytes' }),
      ]);
    },
  },
  {
    promise: 'gets a prompt with content of an unknown type',
    async run(client) {
      const answer = await client.send('prompts/get', { name: 'odd' });
      expect(answer).toMatchObject({
        result: { messages: [user({ type: 'hologram', beams: [{ angle: 1.25 }] })] },
      });
    },
  },
  {
    promise: 'is told which argument of a prompt is missing',
    async run(client) {
      const answer = await client.send('prompts/get', { name: 'greet' });
      expect(answer).toEqual({
        error: { code: -32602, message: 'greet needs a name', data: { missing: ['name'] } },
      });
    },
  },
];
