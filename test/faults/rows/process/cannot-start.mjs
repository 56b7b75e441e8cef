import { chmodSync } from 'node:fs';
import { check, checkEqual, checkWithin, seconds } from '../../harness/check.mjs';
import { stdio } from '../ways.mjs';

export const cannotStart = {
  id: 'F07',
  title: 'command not found, no permission, directory missing',
  expected: 'start goes on; the reason is shown by `check` and in the call’s error',
  ways: [stdio],
  async run(stage) {
    const other = await stage.upstream('other');
    const file = stage.write('no-permission', '#!/bin/sh\n');
    chmodSync(file, 0o644);
    const reasons = {
      missing: [
        { command: 'no-such-command-anywhere' },
        /no-such-command-anywhere.*not (be )?found|not found.*no-such-command-anywhere/is,
      ],
      forbidden: [{ command: file }, /permission|not.{0,20}execut/i],
      nowhere: [
        { command: process.execPath, args: [], cwd: `${stage.path}/no/such/folder` },
        /(folder|director).*(not|missing)|(not|missing).*(folder|director)/is,
      ],
    };
    const servers = Object.fromEntries(Object.entries(reasons).map(([name, [entry]]) => [name, entry]));
    const config = stage.config({ ...servers, other: other.entry });
    const proxy = await stage.start(config);
    await proxy.listTools();
    const listedMs = performance.now() - proxy.startedMs;
    checkWithin(listedMs, { atMost: 4_000 }, 'ms to the list of tools');
    checkEqual((await proxy.call('other__read', { nonce: 'x' })).text, 'x', 'a call of another upstream');
    const { stdout, stderr, code } = await stage.run(['check', '--config', config]);
    for (const [name, [, reason]] of Object.entries(reasons)) {
      const { text } = await proxy.batch([{ tool: `${name}__read` }]);
      check(reason.test(text), `the call of ${name} does not say why: ${text.slice(0, 300)}`);
      const line = `${stdout}\n${stderr}`.split('\n').find((one) => one.includes(name) && reason.test(one));
      check(line !== undefined, `check does not say why of ${name}: ${`${stdout}\n${stderr}`.slice(0, 600)}`);
    }
    checkEqual(code, 4, 'the exit code of check');
    return `served after ${seconds(listedMs)}; 3 of 3 reasons in check and in the calls`;
  },
};
