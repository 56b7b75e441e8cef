import { expect, test } from 'vitest';
import { totalTools } from '../../../src/cli/journal/tool-totals.ts';
import { callOf, unknownCall } from './fake-journal.ts';

test('each tool has its totals, by server, the most called first', () => {
  const reads = Array.from({ length: 20 }, (_, index) => callOf({ runMs: (20 - index) * 10 }));
  const running = callOf({ status: 'running', class: 'write', applied: 'unknown', tool: 'add' });
  const killed = callOf({ status: 'interrupted', class: 'write', applied: 'unknown', tool: 'add' });
  const totals = totalTools([running, ...reads, unknownCall, killed, callOf({ status: 'failed', runMs: 5 })]);
  expect(totals).toEqual([
    {
      server: 'files',
      tool: 'write_file',
      calls: 1,
      ok: 0,
      errors: 1,
      unknown: 1,
      running: 0,
      p50Ms: 2_000,
      p95Ms: 2_000,
    },
    {
      server: 'github',
      tool: 'get_issue',
      calls: 21,
      ok: 20,
      errors: 1,
      unknown: 0,
      running: 0,
      p50Ms: 100,
      p95Ms: 190,
    },
    { server: 'github', tool: 'add', calls: 2, ok: 0, errors: 1, unknown: 1, running: 1 },
  ]);
});

test('tools of two servers are never one, whatever they are called', () => {
  const names = totalTools([callOf({ server: 'a__b', tool: 'c' }), callOf({ server: 'a', tool: 'b__c' })]);
  expect(names.map(({ server, calls }) => [server, calls])).toEqual([
    ['a', 1],
    ['a__b', 1],
  ]);
});
