import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endGroup, trackGroup } from '../../../src/upstream/processes/process-group.ts';
import { isRunning, until } from '../support.ts';
import { createFamilies, deaf, orphans, polite, unmarked } from './families.ts';

let families: ReturnType<typeof createFamilies>;
beforeEach(() => {
  families = createFamilies();
});
afterEach(() => families.close());

describe.runIf(process.platform === 'linux')('the end of a server', () => {
  test.each([
    ['is deaf to SIGTERM', deaf],
    ['has lost its parent', orphans],
    ['has nothing of it but its parent', unmarked],
  ])('ends what has left its group, also where that %s', async (_, script) => {
    const { child, mark, leader, pids } = await families.start(script);
    trackGroup(child, mark);
    const startedMs = performance.now();
    await endGroup(leader);
    // Two seconds are the promise, measured with the machine for itself (npm run faults); here others run beside it.
    expect(performance.now() - startedMs).toBeLessThan(4000);
    expect(pids.filter(isRunning)).toEqual([]);
  });

  test('asks before it kills, and waits for those that go', async () => {
    const { child, mark, leader, pids } = await families.start(polite);
    trackGroup(child, mark);
    await endGroup(leader);
    expect(pids.filter(isRunning)).toEqual([]);
    expect(existsSync(join(families.path, 'said'))).toBe(true);
  });

  test('leaves the strays of another server alone', async () => {
    const ended = await families.start(polite);
    const other = createFamilies();
    const stays = await other.start(deaf);
    trackGroup(ended.child, ended.mark);
    trackGroup(stays.child, stays.mark);
    await endGroup(ended.leader);
    expect(stays.pids.every(isRunning)).toBe(true);
    await endGroup(stays.leader);
    await until(() => !stays.pids.some(isRunning), 500);
    other.close();
  });
});
