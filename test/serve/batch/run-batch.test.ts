import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Engine } from '../../../src/serve/engine.ts';
import { runBatch } from '../../../src/serve/batch/run-batch.ts';
import { makeTool } from '../../policy/make-policy.ts';
import { stubEngine } from '../stub-engine.ts';

const call = { tool: 'files__read', arguments: { n: 1 } };

/** An engine with a mistake of ours in it, and what it logs. */
function brokenEngine(isBroken: (args: JsonObject) => boolean): { engine: Engine; logged: object[] } {
  const { engine } = stubEngine({ tools: [makeTool('read')], policy: { read: ['read'] } });
  const logged: object[] = [];
  const validate: Engine['validate'] = (_, args) => {
    if (isBroken(args)) throw new TypeError('no such thing');
    return { reasons: [] };
  };
  const logger = { ...engine.logger, info() {}, error: (fields: object) => logged.push(fields) };
  return { engine: { ...engine, validate, logger }, logged };
}

describe('a mistake of ours', () => {
  test('while a batch is planned is an answer that says so, and a line in the log that says which', async () => {
    const { engine, logged } = brokenEngine(() => true);
    const { isError, content } = await runBatch(engine, { input: [call] });
    expect(isError).toBe(true);
    expect(JSON.stringify(content)).toMatch(/batch refused, nothing was run: internal: it failed inside mcp-marshal/);
    expect(logged).toEqual([{ batchId: expect.any(String), reason: 'TypeError: no such thing' }]);
  });

  test('while references are filled is the end of that call, and a line in the log that says which', async () => {
    const { engine, logged } = brokenEngine(({ n }) => Array.isArray(n));
    const filled = { ...call, arguments: { n: { $result: 'c0', view: 'raw', path: '/content' } } };
    const { structuredContent } = await runBatch(engine, {
      input: { calls: [call, filled, call], format: 'structured' },
    });
    expect(structuredContent).toMatchObject({
      results: [{ status: 'ok' }, { status: 'failed', error: { code: 'internal' } }, { status: 'ok' }],
    });
    expect(logged).toEqual([{ batchId: expect.any(String), callId: 'c1', reason: 'TypeError: no such thing' }]);
  });
});
