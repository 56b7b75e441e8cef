import { expect } from 'vitest';
import { until } from '../../upstream/support.ts';
import type { Feature } from '../feature.ts';
import { bare } from '../feature.ts';

const deep = { list: [1, null, 'x'], empty: {}, nested: { a: { b: [[]] } } };

/** What no version of the protocol knows. */
export const vendorFeatures: readonly Feature[] = [
  {
    promise: 'gets unknown fields of a result',
    async run(client) {
      expect(bare(await client.callTool('odd_fields', { city: 'Ulm' }))).toEqual({
        content: [
          {
            type: 'text',
            text: 'Ulm',
            annotations: { audience: ['user', 'assistant'], priority: 0.5, vendorHint: [1] },
            vendorBlock: { deep: [1, null, { x: 'y' }], empty: {} },
            _meta: { 'example.com/block': true },
          },
        ],
        structuredContent: { city: 'Ulm', vendor: { deep: [[], {}, '', 0, false, null, 1.5e-7, 9007199254740991] } },
        isError: false,
        vendorResult: { z: 1, a: [{ b: null }] },
      });
    },
  },
  {
    promise: 'gets content of an unknown type',
    async run(client) {
      expect(await client.send('tools/call', { name: 'odd_types', arguments: {} })).toMatchObject({
        result: {
          content: [
            { type: 'text', text: 'before' },
            { type: 'hologram', beams: [{ angle: 1.25 }, null], _meta: { 'example.com/block': 1 } },
            { type: 'text', text: 'after' },
          ],
        },
      });
    },
  },
  {
    promise: 'calls a method of its own',
    async run(client) {
      const answer = await client.send('vendor/echo', { word: 'hi', deep }, { meta: { 'example.com/note': [1] } });
      expect(answer).toMatchObject({
        result: { echoed: { word: 'hi', deep }, seenMeta: { 'example.com/note': [1] } },
      });
    },
  },
  {
    promise: 'gets the error of a method of its own, with its data',
    async run(client) {
      expect(await client.send('vendor/fail', {})).toEqual({
        error: { code: -32051, message: 'The vendor says no', data: { vendor: [{ deep: null }] } },
      });
    },
  },
  {
    promise: 'sends a notification of its own, which arrives once',
    async run(client, { newKey, records, untilRecorded }) {
      const key = newKey();
      await client.notify('notifications/vendor/ping', { key, deep });
      await untilRecorded('notification', key);
      const arrived = records().filter(({ params }) => params?.['key'] === key);
      expect(arrived).toMatchObject([{ method: 'notifications/vendor/ping', params: { key, deep } }]);
    },
  },
  {
    promise: 'hears a notification that no protocol knows, once',
    async run(client, { newKey }) {
      const key = newKey();
      await client.callTool('vendor_note', { key });
      const heard = (): unknown[] =>
        client.heard('notifications/vendor/note').filter((params) => params['key'] === key);
      await until(() => heard().length > 0);
      expect(heard()).toEqual([{ key, deep: { list: [1, null, 'x'] } }]);
    },
  },
  {
    promise: 'gets an error with its code, message and nested data',
    async run(client) {
      const args = { code: -32050, message: 'Nö: "quoted" ✓', data: { deep, why: [null, 1.5] } };
      expect(await client.send('tools/call', { name: 'fail', arguments: args })).toEqual({ error: args });
    },
  },
  {
    promise: 'gets an error whose data is no object',
    async run(client) {
      const args = { code: -32050, message: 'no', data: 'just words' };
      expect(await client.send('tools/call', { name: 'fail', arguments: args })).toEqual({ error: args });
    },
  },
];
