import { describe, expect, test } from 'vitest';
import { readReply } from '../../../src/cli/batch-reply.ts';
import { toTrace } from '../../../src/cli/trace/to-trace.ts';
import { isJsonObject } from '../../../src/core/json.ts';
import type { JsonObject } from '../../../src/core/json.ts';

const timing = { wallMs: 70, serialMs: 120, lowerBoundMs: 70, criticalPath: ['c0', 'each'], peakParallel: 3 };

function traceOf(calls: JsonObject[], criticalPath: string[] = timing.criticalPath): JsonObject[] {
  const structuredContent = {
    batchId: '7f3a91',
    status: 'completed',
    results: calls,
    timing: { ...timing, criticalPath },
  };
  const { traceEvents } = toTrace(readReply({ content: [], structuredContent }));
  return Array.isArray(traceEvents) ? traceEvents.filter(isJsonObject) : [];
}

function callOf(call: JsonObject): JsonObject {
  return {
    tool: 'files__read',
    server: 'files',
    class: 'read',
    status: 'ok',
    applied: 'no',
    attempts: 1,
    startedMs: 0,
    queuedMs: 0,
    runMs: 10,
    ...call,
  };
}

const calls = [
  callOf({ id: 'c0', runMs: 40 }),
  callOf({ id: 'c1', server: 'web', tool: 'web__get', runMs: 20 }),
  callOf({ id: 'denied', status: 'denied', attempts: 0, runMs: 0 }),
  callOf({
    id: 'each',
    startedMs: 40,
    queuedMs: 40,
    runMs: 30,
    waitedFor: ['c0'],
    items: [
      callOf({ id: 'each[0]', startedMs: 40, queuedMs: 40, runMs: 30 }),
      callOf({ id: 'each[1]', startedMs: 40, queuedMs: 40, runMs: 10, status: 'tool_error' }),
    ],
  }),
  callOf({ id: 'same', deduplicatedOf: 'c0', runMs: 40 }),
  callOf({ id: 'kept', cached: true, attempts: 0, runMs: 0 }),
];
const named = (events: JsonObject[], name: string): JsonObject[] => events.filter((event) => event['name'] === name);
const phase = (events: JsonObject[], ph: string): JsonObject[] => events.filter((event) => event['ph'] === ph);

describe('a trace', () => {
  const events = traceOf(calls);

  test('looks as it always did', async () => {
    await expect(`${JSON.stringify(events, null, 1)}\n`).toMatchFileSnapshot('../../golden/cli/trace.json');
  });

  test('has one slice per call that ran, elements by themselves, and none for what was not sent', () => {
    const ids = phase(events, 'X').map(({ name }) => name);
    expect(ids).toEqual(['c0 files__read', 'each[0] files__read', 'each[1] files__read', 'c1 web__get']);
  });

  test('has a process for each server and a thread for each of its slots', () => {
    const names = named(events, 'process_name').map(({ args }) => args);
    expect(names).toEqual([{ name: 'files' }, { name: 'web' }, { name: 'waiting' }]);
    const slots = named(events, 'thread_name').map(({ pid, args }) => [pid, args]);
    expect(slots).toEqual([
      [1, { name: 'slot 1' }],
      [1, { name: 'slot 2' }],
      [2, { name: 'slot 1' }],
    ]);
    const threads = phase(events, 'X').map(({ tid }) => tid);
    expect(new Set(threads).size).toBe(3);
  });

  test('counts in microseconds', () => {
    const [, element] = phase(events, 'X');
    expect(element).toMatchObject({ ts: 40_000, dur: 30_000 });
  });

  test('shows waiting apart from running, with what was waited for', () => {
    const [begin] = phase(events, 'b');
    const [end] = phase(events, 'e');
    expect(begin).toMatchObject({ pid: 3, ts: 0, args: { id: 'each[0]', waitedFor: ['c0'], queuedMs: 40 } });
    expect(end).toMatchObject({ pid: 3, ts: 40_000, id: begin?.['id'] });
    expect(phase(events, 'b')).toHaveLength(2);
  });

  test('leads along the critical path, for a call over a list to the element that ended last', () => {
    const [start] = phase(events, 's');
    const [finish] = phase(events, 'f');
    expect(start).toMatchObject({ ts: 39_999, id: 1 });
    expect(finish).toMatchObject({ ts: 40_000, id: 1, bp: 'e' });
    const marked = phase(events, 'X').filter(({ cname }) => cname !== undefined);
    expect(marked.map(({ name }) => name)).toEqual(['c0 files__read', 'each[0] files__read']);
  });

  test('has arrows that leave inside their slice and never point back', () => {
    // Rounded times: the second starts before the first has ended.
    const rounded = traceOf(
      [callOf({ id: 'a', startedMs: 1, runMs: 10 }), callOf({ id: 'b', startedMs: 10 })],
      ['a', 'b'],
    );
    const [start, finish] = [phase(rounded, 's')[0], phase(rounded, 'f')[0]];
    expect(Number(start?.['ts'])).toBeLessThanOrEqual(Number(finish?.['ts']));
    expect(Number(start?.['ts'])).toBeLessThan(10_000);
  });

  test('of a batch in which nothing ran has no slices', () => {
    expect(phase(traceOf([callOf({ id: 'denied', attempts: 0 })], []), 'X')).toEqual([]);
  });

  test('of a thousand calls is made at once', () => {
    const many = Array.from({ length: 1_000 }, (_, index) =>
      callOf({ id: `c${index}`, startedMs: index % 50, queuedMs: 1 }),
    );
    const slices = phase(traceOf(many, []), 'X');
    expect(slices).toHaveLength(1_000);
  });
});
