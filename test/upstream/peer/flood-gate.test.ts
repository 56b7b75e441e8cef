import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFloodGate } from '../../../src/upstream/peer/flood-gate.ts';
import type { ConnectionNotice } from '../../../src/upstream/peer/notices.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => vi.useRealTimers());

const log = { method: 'notifications/message', params: { level: 'info', data: 'x' } };

test('of a flood of log messages clients get a thousand a second, and are told how many were left out', () => {
  const told: ConnectionNotice[] = [];
  const gate = createFloodGate((notice) => told.push(notice));
  const passed = Array.from({ length: 5_000 }, () => gate.passes(log)).filter(Boolean);
  expect(passed).toHaveLength(1_000);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(gate.passes(log)).toBe(true);
  const data = '4000 log messages of this server were left out: it sends more than 1000 a second';
  expect(told).toEqual([{ method: log.method, params: { level: 'warning', logger: 'mcp-marshal', data } }]);
  vi.advanceTimersByTime(1_000);
  expect(gate.passes(log)).toBe(true);
  expect(told).toHaveLength(1);
});

test('what is no log message passes, however much of it there is', () => {
  const gate = createFloodGate(() => {});
  const notice = { method: 'notifications/resources/updated', params: { uri: 'x:a' } };
  expect(Array.from({ length: 5_000 }, () => gate.passes(notice)).every(Boolean)).toBe(true);
});
