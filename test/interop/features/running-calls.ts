import { expect } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { until } from '../../upstream/support.ts';
import type { InteropClient } from '../clients/interop-client.ts';
import type { Feature } from '../feature.ts';
import { textOf } from '../feature.ts';

export const runningCallFeatures: readonly Feature[] = [
  {
    promise: 'hears all progress of a call, in order and with all its fields',
    async run(client) {
      const { text, heard } = await callWithProgress(client, 'steps', 5);
      expect(text).toBe('5 steps');
      expect(heard).toEqual(progressOf(5));
    },
  },
  {
    promise: 'hears progress that arrives in one read with the answer',
    async run(client) {
      const { text, heard } = await callWithProgress(client, 'burst', 20);
      expect(text).toBe('20 at once');
      expect(heard).toEqual(progressOf(20));
    },
  },
  {
    promise: 'hears of each of several calls its own progress only',
    async run(client) {
      const counts = [3, 4, 5, 6];
      const calls = await Promise.all(counts.map((count) => callWithProgress(client, 'steps', count)));
      expect(calls.map(({ heard }) => heard)).toEqual(counts.map(progressOf));
    },
  },
  {
    promise: 'hears no progress that it has not asked for',
    async run(client) {
      const before = client.heard('notifications/progress').length;
      expect(textOf(await client.callTool('steps', { count: 3 }))).toBe('3 steps');
      expect(client.heard('notifications/progress')).toHaveLength(before);
    },
  },
  {
    promise: 'cancels a call at the server, and its other calls go on',
    async run(client, { newKey, untilRecorded, countOf }) {
      const [cancelled, other] = [newKey(), newKey()];
      const [stop, stopOther] = [new AbortController(), new AbortController()];
      const calls = [
        client.callTool('wait', { key: cancelled }, { signal: stop.signal }),
        client.callTool('wait', { key: other }, { signal: stopOther.signal }),
      ];
      const settled = Promise.allSettled(calls);
      await untilRecorded('waiting', cancelled);
      await untilRecorded('waiting', other);
      stop.abort('enough');
      await untilRecorded('cancelled', cancelled);
      expect(textOf(await client.callTool('weather', { city: 'Ulm' }))).toBe('12 degrees in Ulm');
      expect(countOf('cancelled', other)).toBe(0);
      stopOther.abort('enough');
      await untilRecorded('cancelled', other);
      expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    },
  },
  {
    promise: 'hears the log messages of the level that it wants, and above',
    async run(client, { newKey }) {
      const key = newKey();
      await client.setLevel('warning');
      await client.callTool('log_all', { key });
      const levels = ['warning', 'error', 'critical', 'alert', 'emergency'];
      expect(messagesOf(client, key)).toEqual(
        levels.map((level) => ({ level, logger: 'interop', data: { key, level, nested: [{ n: null }] } })),
      );
    },
  },
  {
    promise: 'can want fewer log messages than before',
    async run(client, { newKey }) {
      const key = newKey();
      await client.setLevel('debug');
      await client.setLevel('alert');
      await client.callTool('log_all', { key });
      expect(messagesOf(client, key).map(({ level }) => level)).toEqual(['alert', 'emergency']);
    },
  },
  {
    promise: 'hears no log message of a call for which it has named no level',
    excludes: ({ clientEra }) =>
      clientEra === 'legacy' ? 'in the legacy era the server decides as long as no level is set' : undefined,
    async run(client, { newKey }) {
      const key = newKey();
      await client.setLevel(undefined);
      await client.callTool('log_all', { key });
      await client.callTool('weather', { city: 'Ulm' });
      expect(messagesOf(client, key)).toEqual([]);
    },
  },
  {
    promise: 'hears a log message that belongs to no call',
    excludes: ({ clientEra, upstream }) =>
      clientEra === 'modern' || upstream.era === 'modern'
        ? 'in the modern era every log message belongs to a request'
        : undefined,
    async run(client, { newKey }) {
      const key = newKey();
      await client.callTool('log_later', { key });
      await until(() => messagesOf(client, key).length > 0);
      expect(messagesOf(client, key)).toEqual([{ level: 'emergency', logger: 'interop', data: { key } }]);
    },
  },
];

async function callWithProgress(
  client: InteropClient,
  tool: string,
  count: number,
): Promise<{ text: string; heard: JsonObject[] }> {
  const heard: JsonObject[] = [];
  const onProgress = ({ progressToken: _token, ...rest }: JsonObject): void => void heard.push(rest);
  const result = await client.callTool(tool, { count }, { onProgress });
  return { text: textOf(result), heard };
}

function progressOf(count: number): JsonObject[] {
  return Array.from({ length: count }, (_, index) => ({
    progress: index + 1.5,
    total: count + 0.5,
    message: `step ${index + 1} of ${count}`,
    vendorStep: { number: index + 1 },
  }));
}

function messagesOf(client: InteropClient, key: string): { level: unknown; logger: unknown; data: unknown }[] {
  return client
    .heard('notifications/message')
    .filter(({ data }) => JSON.stringify(data).includes(`"${key}"`))
    .map(({ level, logger, data }) => ({ level, logger, data }));
}
