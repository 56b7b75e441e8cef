import { expect } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import { isJsonObject } from '../../../src/core/json.ts';
import type { Question } from '../clients/interop-client.ts';
import type { Feature } from '../feature.ts';
import { textOf } from '../feature.ts';
import { ask } from './questions.ts';

/** What only the proxy has. */
export const batchFeatures: readonly Feature[] = [
  {
    promise: 'is asked once for each call of a batch that asks, and each gets its own answer',
    async run(client, { newKey, countOf, callsOf, pair }) {
      const keys = [newKey(), newKey(), newKey()];
      const answer = ({ params }: Question): JsonObject => ({
        action: 'accept',
        content: { name: `whoever: ${JSON.stringify(params['message'])}` },
      });
      const calls = keys.map((key) => ({ tool: 'ask_name', arguments: { key } }));
      const { asked, result } = await ask(client, answer, ['batch_call', { calls, format: 'structured' }]);
      expect(asked).toHaveLength(keys.length);
      expect(new Set(asked.map(({ params }) => params['message']))).toEqual(
        new Set(keys.map((key) => `Who is ${key}?`)),
      );
      expect(resultsOf(result).map(({ status }) => status)).toEqual(['ok', 'ok', 'ok']);
      for (const [index, key] of keys.entries()) {
        expect(textOf(resultOf(resultsOf(result)[index]))).toContain(`Who is ${key}?`);
        expect(countOf('effect', key)).toBe(1);
        expect(callsOf(key)).toHaveLength(pair.upstream.era === 'modern' ? 2 : 1);
      }
    },
  },
  {
    promise: 'is asked in the middle of a batch whose other calls are not run again',
    async run(client, { newKey, countOf, callsOf }) {
      const [quiet, asking] = [newKey(), newKey()];
      const calls = [
        { tool: 'with_meta', arguments: { key: quiet } },
        { tool: 'ask_name', arguments: { key: asking } },
      ];
      const answer = (): JsonObject => ({ action: 'accept', content: { name: 'Ada' } });
      const { asked, result } = await ask(client, answer, ['batch_call', { calls, format: 'structured' }]);
      expect(asked).toHaveLength(1);
      expect(resultsOf(result).map(({ status }) => status)).toEqual(['ok', 'ok']);
      expect(callsOf(quiet)).toHaveLength(1);
      expect(countOf('effect', asking)).toBe(1);
    },
  },
];

function resultsOf({ structuredContent }: JsonObject): JsonObject[] {
  const results = isJsonObject(structuredContent) ? structuredContent['results'] : undefined;
  return Array.isArray(results) ? results.filter((result) => isJsonObject(result)) : [];
}

function resultOf(row: JsonObject | undefined): JsonObject {
  const result: JsonValue | undefined = row?.['result'];
  return isJsonObject(result) ? result : {};
}
