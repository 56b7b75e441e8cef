import { describe, expect, test } from 'vitest';
import { conflictPairs, type BenchCall } from '../../bench/calls.mjs';
import { lowerBound } from '../../bench/lower-bound.mjs';
import { shapes } from '../../bench/shapes.mjs';
import { createArgumentValidator } from '../../src/batch/plan/argument-validator.ts';
import { planBatch } from '../../src/batch/plan/plan-batch.ts';
import { buildCatalog } from '../../src/catalog/build-catalog.ts';
import { createScheduler } from '../../src/schedule/scheduler.ts';
import { requestOf } from '../batch/tiny-catalog.ts';
import { makePolicy } from '../policy/make-policy.ts';
import { createVirtualClock } from './virtual-clock.ts';

const pathLock = (arg: string) => ({ arg, type: 'path' as const });
const rules = {
  read: { class: 'read' as const, locks: [pathLock('key')] },
  write: { class: 'write' as const, locks: [pathLock('key')] },
  move: { class: 'write' as const, locks: [pathLock('source'), pathLock('destination')] },
};
const tools = ['read', 'write', 'move', ...Array.from({ length: 8 }, (_, number) => `tool_${number}`)].map((name) => ({
  name,
  inputSchema: { type: 'object' },
}));

/** How long the real planner and scheduler take for a batch over the least that any could, with upstreams in virtual time. */
async function ratioOf(
  { servers, maxParallel }: (typeof shapes)[number],
  calls: readonly BenchCall[],
): Promise<number> {
  const clock = createVirtualClock();
  const names = Object.keys(servers);
  const caps = new Map(
    names.map((name) => {
      const cap = servers[name]!.cap ?? maxParallel;
      return [name, { maxParallel: cap, maxParallelWrites: cap, bindsPassthrough: false, parallel: 'none' as const }];
    }),
  );
  const sources = names.map((server) => ({
    server,
    policy: makePolicy({ tools: rules, domain: server, base: '/' }),
    tools,
  }));
  const planned = planBatch({
    request: requestOf(
      { calls: calls.map(({ server, tool, args }, n) => ({ tool: `${server}__${tool}`, arguments: { ...args, n } })) },
      { maxParallel, maxCalls: 1_000 },
    ),
    catalog: buildCatalog(sources, { naming: 'prefixed' }),
    servers: caps,
    validate: createArgumentValidator(),
    readOnly: false,
    batchId: 'shape',
  });
  if (!planned.ok) throw new Error(planned.error.message);
  let endMs = 0;
  void createScheduler({ clock, maxParallel: 32, servers: caps })
    .startBatch(planned.plan, {
      send: async ({ index }) => {
        await clock.sleep(Number(calls[index]!.args['ms']));
        return { ok: true, result: { content: [] } };
      },
      onSettled: (_, { status }) => {
        expect(status).toBe('ok');
        endMs = clock.now();
      },
    })
    .reply.catch(() => {});
  await clock.runOut();
  const least = lowerBound({
    jobs: calls.map(({ server, args }) => ({ server, ms: Number(args['ms']) })),
    pairs: conflictPairs(calls),
    maxParallel,
    serverCaps: Object.fromEntries(
      names.flatMap((name) => (servers[name]!.cap === undefined ? [] : [[name, servers[name]!.cap]])),
    ),
  });
  return endMs / least.ms;
}

describe('[parallel] at the lower bound, were it not for the machine (median of five draws)', () => {
  // B18 is about calls that fail.
  test.each(shapes.filter(({ id }) => id !== 'B18').map((shape) => [shape.id, shape] as const))(
    '%s',
    async (_, shape) => {
      const ratios = await Promise.all([0, 1, 2, 3, 4].map((seed) => ratioOf(shape, shape.batch(seed))));
      expect(ratios.sort((a, b) => a - b)[2]).toBeLessThanOrEqual(shape.target);
      expect(ratios[0]).toBeGreaterThan(0.999);
    },
  );
});
