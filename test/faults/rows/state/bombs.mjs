import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { check, checkEqual, checkWithin, millis, until } from '../../harness/check.mjs';
import { checkQuiet } from '../../harness/stage.mjs';
import { stdio } from '../ways.mjs';

const head = 'version: 1\nservers:\n';
/** What a configuration file may turn into, by name. */
const bombs = {
  'nesting (flow)': '['.repeat(200_000),
  'nesting (block)': Array.from({ length: 3_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
  aliases: `${Array.from({ length: 12 }, (_, i) => `l${i}: &l${i} [${Array.from({ length: 10 }, () => (i === 0 ? 'x' : `*l${i - 1}`)).join(', ')}]`).join('\n')}\n${head}`,
  '5 MB': `${head}  a: { command: "${'x'.repeat(5_000_000)}" }\n`,
  '5 MB of keys': `${head}${Array.from({ length: 200_000 }, (_, i) => `  k${i}: { command: x }`).join('\n')}`,
  binary: Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 256)),
  empty: '',
  'a key twice': `${head}  up: { command: x }\n  up: { command: y }\n`,
};

export const bombsAsConfiguration = {
  id: 'B4',
  title: 'nesting bombs, alias bombs, 5 MB files, binary files as configuration and as a hot reload',
  expected: 'a clear error each, the process lives, calls go on',
  ways: [stdio],
  limitMs: 60_000,
  async run(stage) {
    const up = await stage.upstream('up');
    const config = stage.config([up]);
    const proxy = await stage.start(config, { args: ['--watch'] });
    await proxy.listTools();
    await proxy.call('up__read', {});
    let worst = 0;
    for (const [name, content] of Object.entries(bombs)) {
      const file = `${stage.path}/bomb.yaml`;
      writeFileSync(file, content);
      const { code, stdout, stderr } = await stage.run(['check', '--offline', '--config', file]);
      checkEqual(code, 2, `the exit code of check on ${name}`);
      const said = `${stdout}${stderr}`;
      check(said.includes('bomb.yaml') && said.length < 20_000, `check on ${name} says: ${said.slice(0, 200)}`);
      check(!/^\s+at .+:\d+:\d+/m.test(said), `a stack trace on ${name}`);

      const before = proxy.lines().length;
      await proxy.ask('report');
      writeFileSync(config, content);
      await until(
        () =>
          proxy
            .lines()
            .slice(before)
            .some((line) => line.level >= 50 && JSON.stringify(line).includes('marshal.json')),
        { withinMs: 5_000, what: () => `${name}: no error is logged` },
      );
      checkEqual((await proxy.call('up__read', { nonce: name })).text, name, `a call after ${name}`);
      const { loopMaxMs } = await proxy.ask('report');
      checkWithin(loopMaxMs, { atMost: 250 }, `${name}: ms for which the loop stood still`);
      worst = Math.max(worst, loopMaxMs);
    }
    const before = proxy.lines().length;
    rmSync(config);
    mkdirSync(config);
    await until(
      () =>
        proxy
          .lines()
          .slice(before)
          .some((line) => line.level >= 50),
      { withinMs: 5_000, what: 'a folder in its place: no error is logged' },
    );
    checkEqual((await proxy.call('up__read', { nonce: 'after all' })).text, 'after all', 'a call after all of them');
    checkQuiet(proxy);
    return `${Object.keys(bombs).length + 1} files, an error for each in check and in the log; loop stall ${millis(worst)} at most`;
  },
};
