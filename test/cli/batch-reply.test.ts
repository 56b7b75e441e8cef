import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readReply } from '../../src/cli/batch-reply.ts';
import { hasRun } from '../../src/cli/reply/replied-call.ts';
import { isJsonObject } from '../../src/core/json.ts';

describe('the reply of a batch, as the command line reads it', () => {
  test('keeps what calls over lists, selections and repeats add', () => {
    const item = { id: 'c0[0]', tool: 't', status: 'ok', attempts: 1, startedMs: 1, queuedMs: 1, runMs: 2 };
    const call = { ...item, id: 'c0', server: 's', waitedFor: ['a'], selected: { x: 1 }, items: [item] };
    const timing = {
      wallMs: 3,
      serialMs: 2,
      lowerBoundMs: 2,
      bound: 'batch',
      criticalPath: ['c0[0]'],
      peakParallel: 1,
    };
    const structuredContent = { batchId: 'b', status: 'completed', results: [call, { ...item, cached: true }], timing };
    const reply = readReply({ content: [], structuredContent });
    expect(reply.calls).toMatchObject([call, { id: 'c0[0]', cached: true }]);
    expect(reply.timing).toEqual(timing);
    expect(reply).not.toHaveProperty('plan');
    expect(reply.calls.map(hasRun)).toEqual([true, false]);
  });

  test('takes a plan of no calls for a plan', () => {
    expect(readReply({ structuredContent: { status: 'planned' } }).plan).toEqual([]);
  });

  test('may be anything at all', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (results, plan, timing) => {
        const structuredContent = { status: 'planned', results: [results], plan: [plan], timing };
        const parsed: unknown = JSON.parse(JSON.stringify({ content: results, structuredContent }));
        const reply = readReply(isJsonObject(parsed) ? parsed : {});
        expect(reply.calls).toHaveLength(1);
        expect(reply.plan?.[0]?.step).toBeGreaterThan(0);
        expect(reply.timing.wallMs).toEqual(expect.any(Number));
      }),
    );
  });
});
