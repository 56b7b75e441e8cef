// A batch of calls, no two of them the same, whose upstream answers at once: what is left is parsing, planning, locks, slots and dispatch.
import { createArgumentValidator } from '../build/batch/plan/argument-validator.js';
import { planBatch } from '../build/batch/plan/plan-batch.js';
import { parseBatch } from '../build/batch/request/parse-batch.js';
import { buildCatalog } from '../build/catalog/build-catalog.js';
import { createMonotonicClock } from '../build/lib/monotonic-clock.js';
import { createScheduler } from '../build/schedule/scheduler.js';
import { quantile } from './median.mjs';

const settings = {
  maxCalls: 1_000,
  maxParallel: 8,
  deadlineMs: 60_000,
  parallel: 'prefer',
  onError: 'continue',
  maxReplyChars: 40_000,
  format: 'text',
};
const policy = {
  annotations: 'trust',
  unannotated: 'write',
  rules: [],
  tools: [],
  limits: {},
  domain: 'noop',
  base: '/',
  foldCase: false,
};
const tools = [{ name: 'noop', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }];

export async function schedulerCost({ calls, runs }) {
  const catalog = buildCatalog([{ server: 'noop', policy, tools }], { naming: 'prefixed' });
  const servers = new Map([
    ['noop', { maxParallel: 8, maxParallelWrites: 8, parallel: 'none', bindsPassthrough: false }],
  ]);
  const scheduler = createScheduler({ clock: createMonotonicClock(), maxParallel: 32, servers });
  const validate = createArgumentValidator();
  const input = { calls: Array.from({ length: calls }, (_, n) => ({ tool: 'noop__noop', arguments: { n } })) };
  const answer = { ok: true, result: { content: [] } };
  const measured = [];
  // The first runs warm the compiler up and are not counted.
  for (let run = -5; run < runs; run++) {
    const startMs = performance.now();
    const parsed = parseBatch(input, settings);
    const planned = planBatch({
      request: parsed.request,
      catalog,
      servers,
      validate,
      readOnly: false,
      batchId: 'bench',
    });
    const plannedMs = performance.now();
    const outcomes = await scheduler.startBatch(planned.plan, { send: () => Promise.resolve(answer) }).reply;
    const endMs = performance.now();
    if (outcomes.some(({ status }) => status !== 'ok') || outcomes.length !== calls)
      throw new Error('a no-op call did not succeed');
    if (run >= 0) measured.push({ totalMs: endMs - startMs, planMs: plannedMs - startMs });
  }
  const perCall = (pick) => (quantile(measured.map(pick)) * 1_000) / calls;
  return { usPerCall: perCall(({ totalMs }) => totalMs), planUsPerCall: perCall(({ planMs }) => planMs) };
}
