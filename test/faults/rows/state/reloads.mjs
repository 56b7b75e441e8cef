import { setTimeout as sleep } from 'node:timers/promises';
import { writeFileSync } from 'node:fs';
import { check, checkEqual, checkWithin, millis, until } from '../../harness/check.mjs';
import { shape, textOf } from '../../harness/client/calls.mjs';
import { checkQuiet } from '../../harness/stage.mjs';
import { allWays } from '../ways.mjs';

export const reloads = {
  id: 'F25',
  title: 'invalid reload mid-batch; a reload that removes a busy upstream',
  expected:
    'the batch is unaffected; running calls finish, queued ones fail as `unknown_tool`; unchanged servers keep their connection',
  ways: allWays,
  isPatient: true,
  async run(stage) {
    const up = await stage.upstream('up', { entry: { maxParallel: 2 } });
    const kept = await stage.upstream('kept');
    const config = stage.config([up, kept]);
    const proxy = await stage.start(config);
    await proxy.listTools();
    await proxy.call('up__read', {});
    await proxy.call('kept__read', {});
    const reload = async (text, word) => {
      const before = proxy.lines().length;
      writeFileSync(config, text);
      proxy.signal('SIGHUP');
      return until(
        () =>
          proxy
            .lines()
            .slice(before)
            .find((line) => word.test(JSON.stringify(line))),
        {
          withinMs: 2_000,
          what: () => `the log does not say ${word}: ${proxy.isRunning() ? 'it runs' : 'it has ended'}`,
        },
      );
    };
    const batch = (name) =>
      proxy.batch([
        ...[0, 1, 2, 3].map((i) => ({
          tool: 'up__read',
          arguments: { nonce: `${name} ${i}`, key: `${i}`, ms: 1_000 },
        })),
        { tool: 'kept__read', arguments: { nonce: `${name} kept`, ms: 1_500 } },
      ]);

    const first = batch('first');
    await up.started('first 1');
    const good = JSON.stringify({
      version: 1,
      stateDir: `${stage.path}/state`,
      servers: { up: up.entry, kept: kept.entry },
    });
    const line = await reload('{ "version": 1, "servers": { "up": { "command": 3 }, ', /marshal\.json:\d+:\d+/);
    check(line.level >= 50, `an invalid file is logged at level ${line.level}`);
    checkEqual(
      (await first).results.map(textOf),
      ['first 0', 'first 1', 'first 2', 'first 3', 'first kept'],
      'the batch amid an invalid reload',
    );

    const second = batch('second');
    await Promise.all([up.started('second 0'), up.started('second 1')]);
    await sleep(100);
    const removedMs = performance.now();
    await reload(good.replace(`"up":${JSON.stringify(up.entry)},`, ''), /reloaded/);
    const reloadMs = performance.now() - removedMs;
    const { results } = await second;
    checkEqual(
      [textOf(results[0]), textOf(results[1]), textOf(results[4])],
      ['second 0', 'second 1', 'second kept'],
      'the running calls',
    );
    checkEqual(
      [shape(results[2]).split('/')[1], shape(results[3]).split('/')[1]],
      ['unknown_tool', 'unknown_tool'],
      'the queued calls',
    );
    checkEqual(
      (await proxy.listTools()).names.filter((name) => name.startsWith('up__')),
      [],
      'its tools in the list',
    );
    if (stage.transport === 'stdio') {
      const pid = up.pid();
      await until(() => !stage.living().includes(pid), { withinMs: 5_000, what: 'its process still runs' });
      checkEqual(kept.log().filter(({ event }) => event === 'up').length, 1, 'starts of the other server');
    }
    const opens = kept.log().filter(({ event }) => event === 'initialize' || event === 'discover').length;
    await reload(good, /reloaded/);
    await until(async () => (await proxy.call('up__read', { nonce: 'back' })).text === 'back', {
      withinMs: 4_000,
      everyMs: 100,
      what: 'the server that was added again does not answer',
    });
    checkEqual(
      kept.log().filter(({ event }) => event === 'initialize' || event === 'discover').length,
      opens,
      'connections of the server that did not change',
    );
    checkWithin(reloadMs, { atMost: 2_000 }, 'ms of the reload');
    checkQuiet(proxy);
    return `5 of 5 ok amid the invalid one; 2 running ok, 2 queued unknown_tool, reload in ${millis(reloadMs)}`;
  },
};
