import { setTimeout as sleep } from 'node:timers/promises';
import { check, checkEqual, checkWithin, millis, until } from '../../harness/check.mjs';
import { isRunning, parentOf, signal } from '../../harness/processes.mjs';
import { stdio } from '../ways.mjs';

export const wrapperExits = {
  id: 'F05',
  title: 'the wrapper exits and a grandchild keeps stdout open',
  expected: 'noticed within 500 ms, the grandchild is ended; the next call works',
  ways: [stdio],
  async run(stage) {
    // Node closes the stdin of a child that has exited: one that went by that would keep nothing open.
    const up = await stage.upstream('up', { stubborn: true });
    // What runs in the background of a shell has no stdin by itself.
    const script = 'exec 3<&0; "$0" "$@" <&3 & wait';
    const entry = { ...up.entry, command: '/bin/sh', args: ['-c', script, process.execPath, ...up.args] };
    const proxy = await stage.start({ up: entry });
    await proxy.listTools();
    await proxy.call('up__read', {});
    const grandchild = up.pid();
    const wrapper = parentOf(grandchild);
    check(wrapper !== proxy.pid, 'there is no wrapper');
    const call = proxy.call('up__never_write', { nonce: 'running', key: 'k' });
    await up.started('running');
    await sleep(50);
    const killedMs = performance.now();
    signal(wrapper, 'SIGKILL');
    const { endedMs, isError } = await call;
    check(isError, 'the call succeeded');
    checkWithin(endedMs - killedMs, { atMost: 500 }, 'ms to the failure of the call');
    await until(() => !isRunning(grandchild), { withinMs: 2_500, what: 'the grandchild still runs' });
    const goneMs = performance.now() - killedMs;
    await until(async () => (await proxy.call('up__read', { nonce: 'next' })).text === 'next', {
      withinMs: 5_000,
      everyMs: 50,
      what: 'the next call does not work',
    });
    checkEqual(up.starts('running').length, 1, 'how often the write was sent');
    return `noticed after ${millis(endedMs - killedMs)}, the grandchild gone after ${millis(goneMs)}`;
  },
};
