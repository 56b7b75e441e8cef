import { setTimeout as sleep } from 'node:timers/promises';
import { check, checkEqual, checkWithin, seconds, until } from '../../harness/check.mjs';
import { readBatch, readCalls } from '../../harness/journal.mjs';
import { shape } from '../../harness/client/calls.mjs';
import { isRunning } from '../../harness/processes.mjs';
import { bothTransports } from '../ways.mjs';

export const killed = {
  id: 'F22',
  title: 'SIGKILL of the proxy',
  expected: 'no child survives 2 s; on restart the journal tells the interrupted batch and re-runs nothing',
  ways: bothTransports,
  isPatient: true,
  async run(stage) {
    const up = await stage.upstream('up');
    const stubborn = await stage.upstream('stubborn', { transport: 'stdio', stubborn: true, grandchild: true });
    const config = stage.config([up, stubborn]);
    const proxy = await stage.start(config);
    await proxy.listTools();
    await proxy.call('up__read', {});
    await proxy.call('stubborn__read', {});
    const request = {
      calls: [
        { tool: 'up__write', arguments: { nonce: 'done', key: 'a' } },
        { tool: 'up__never_write', arguments: { nonce: 'under way', key: 'b' } },
        { tool: 'up__never_write', arguments: { nonce: 'queued', key: 'b' } },
        { tool: 'up__read', arguments: { nonce: 'read', key: 'c', ms: 60_000 } },
      ],
      idempotencyKey: 'the-key',
      deadlineMs: 3_000,
    };
    const { calls, ...rest } = request;
    void proxy.batch(calls, rest);
    await Promise.all(['done', 'under way', 'read'].map((nonce) => up.started(nonce)));
    await sleep(300);
    const pids = stage.living();
    check(pids.every(isRunning) && pids.length >= 2, `${pids.length} processes run`);
    proxy.signal('SIGKILL');
    const killedMs = performance.now();
    await until(() => stage.living().length === 0, {
      withinMs: 2_000,
      what: () => `${stage.living().length} of ${pids.length} processes still run`,
    });
    const goneMs = performance.now() - killedMs;
    await proxy.exited;

    const startsBefore = up.starts().length;
    const second = await stage.start(config);
    await second.listTools();
    await sleep(500);
    checkEqual(up.starts().length - startsBefore, 0, 'calls that the restart sent by itself');
    const rows = (await readCalls(stage, config)).filter(({ batchId }) => batchId !== undefined);
    const byId = Object.fromEntries(rows.map(({ callId, status, applied }) => [callId, `${status}/${applied}`]));
    checkEqual(byId['c0'], 'ok/yes', 'the write that had ended, in the journal');
    checkEqual(byId['c1'], 'interrupted/unknown', 'the write under way, in the journal');
    checkEqual(byId['c2'], undefined, 'the write that was not sent, in the journal');
    const { batch, status = batch?.status } = await readBatch(stage, config, rows[0].batchId);
    checkEqual(status, 'interrupted', 'the batch in the journal');

    // Sent again under its key: what is known stays, what is not is not tried again.
    const again = await second.batch(calls, rest);
    check(again.results.length === 4, `under the key again: ${again.text.slice(0, 300)}`);
    checkEqual(
      again.results.slice(0, 2).map(({ status: s, applied }) => `${s}/${applied}`),
      ['ok/yes', `${again.results[1].status}/unknown`],
      'the results of the writes under the key',
    );
    checkEqual(
      shape(again.results[2]).split('/').slice(0, 2),
      ['skipped', 'predecessor_unknown'],
      'the queued write under the key',
    );
    checkEqual(
      [up.starts('done').length, up.starts('under way').length],
      [1, 1],
      'how often the writes were sent in all',
    );
    checkWithin(goneMs, { atMost: 2_000 }, 'ms until the last was gone');
    return `${pids.length} processes gone after ${seconds(goneMs)}; batch interrupted, its write unknown; 0 re-runs, ${up.starts('done').length} of 1 under the key`;
  },
};
