// What a batch leaves behind: run through the library in this process, with real servers, where it can be asked.
import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger, createProxy, loadConfig } from '../dist/index.js';
import { checkReply, toBatch } from './columns/marshal.mjs';
import { writeMarshalConfig } from './upstreams.mjs';

/** Locks, slots and calls still held, timers still running and listeners still there after one batch of the shape; 0 when nothing leaks. */
export async function countLeaks({ folder, shape }) {
  const file = await writeMarshalConfig({ folder, who: 'library', ...shape });
  const proxy = createProxy({
    config: await loadConfig({ file }),
    logger: createLogger({ level: 'error', format: 'json' }),
  });
  try {
    proxy.start();
    await proxy.settled(10_000);
    const { signal } = new AbortController();
    const timersBefore = countTimers();
    const calls = shape.batch(0);
    const { structuredContent } = await proxy.runBatch({ input: toBatch(calls, 'library'), signal });
    checkReply(structuredContent, calls);
    const left = () =>
      Object.values(proxy.load()).reduce((sum, count) => sum + count, countTimers() - timersBefore) +
      getEventListeners(signal, 'abort').length;
    // A server that does not answer keeps its slot for a while, by design.
    for (let waitedMs = 0; left() > 0 && waitedMs < (shape.settleMs ?? 0); waitedMs += 100) await sleep(100);
    return Math.max(0, left());
  } finally {
    await proxy.close();
  }
}

function countTimers() {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}
