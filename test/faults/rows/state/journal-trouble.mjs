import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { check, checkEqual, until } from '../../harness/check.mjs';
import { checkQuiet } from '../../harness/stage.mjs';

const ways = ['disk full', 'corrupt', 'read-only', 'held'].map((how) => ({ name: how, transport: 'stdio', how }));
/** What the file may grow to where the disk is to be full, in the 512 bytes that `ulimit -f` counts in: enough to begin with. */
const smallBlocks = 400;

export const journalTrouble = {
  id: 'F23',
  title: 'disk full, journal corrupt, read-only, held by another process',
  expected: 'reads go on, destructive calls are refused with the reason; a corrupt file is set aside, never deleted',
  ways,
  limitMs: 60_000,
  async run(stage) {
    const up = await stage.upstream('up', { transport: 'stdio', era: 'legacy', policy: { allow: ['destroy'] } });
    const file = join(stage.path, 'journals', 'journal.db');
    const settings = { journal: { file } };
    const config = stage.config([up], settings);
    const options = {};
    const garbage = Buffer.alloc(40_000, 'this is no journal ');
    if (stage.how === 'corrupt') {
      mkdirSync(dirname(file));
      writeFileSync(file, garbage);
    }
    // A folder that is a file: what no right of anybody can write into.
    if (stage.how === 'read-only') stage.write('journals', 'not a folder');
    if (stage.how === 'held') {
      const holder = await stage.start(config);
      await holder.listTools();
      checkEqual(
        (await holder.call('up__write', { nonce: 'holder', key: 'h' })).text,
        'holder',
        'a write of the one that holds it',
      );
      options.holder = holder.pid;
    }
    if (stage.how === 'disk full') options.shell = `trap '' XFSZ; ulimit -S -f ${smallBlocks}`;
    const proxy = await stage.start(config, options);
    await proxy.listTools();
    const destroy = async (nonce) => {
      const { results } = await proxy.batch([{ tool: 'up__destroy', arguments: { nonce, key: nonce } }]);
      return results[0];
    };

    let writes = 0;
    if (stage.how === 'disk full') {
      await until(
        async () => {
          const { results } = await proxy.batch(
            Array.from({ length: 50 }, () => ({
              tool: 'up__write',
              arguments: { nonce: `w${writes++}`, key: 'k'.repeat(1 + (writes % 50)) },
            })),
          );
          check(
            results.every(({ status }) => status === 'ok'),
            `a write while the disk fills: ${JSON.stringify(results.find(({ status }) => status !== 'ok')?.error)}`,
          );
          return (await destroy(`d${writes}`))?.status !== 'ok';
        },
        { withinMs: 40_000, what: () => `destructive calls still run after ${writes} writes` },
      );
    }
    const read = await proxy.batch([{ tool: 'up__read', arguments: { nonce: 'r', key: 'r' } }]);
    checkEqual(read.results[0]?.status, 'ok', 'a read');
    const write = await proxy.batch([{ tool: 'up__write', arguments: { nonce: 'w', key: 'w' } }]);
    checkEqual(write.results[0]?.status, 'ok', 'a write');
    const refused = await destroy('d');
    checkQuiet(proxy);

    if (stage.how === 'corrupt') {
      checkEqual(refused?.status, 'ok', 'a destructive call on the new file');
      const aside = readdirSync(dirname(file)).find((name) => name.includes('corrupt'));
      check(aside !== undefined, `nothing was set aside: ${readdirSync(dirname(file)).join(', ')}`);
      check(readFileSync(join(dirname(file), aside)).equals(garbage), 'what was set aside is not what was there');
      check(
        proxy.lines().some((line) => line.level >= 40 && JSON.stringify(line).includes('corrupt')),
        'no warning names it',
      );
      return `set aside as ${aside.replace(/\d{4}-.*/, '…')}, whole; a new file begun`;
    }
    check(refused?.status === 'failed' || refused?.status === 'denied', `a destructive call: ${refused?.status}`);
    checkEqual([refused.applied, up.starts('d').length], ['no', 0], 'what the refused call changed');
    const { message } = refused.error;
    check(/journal/i.test(message), `the reason does not name the journal: ${message}`);
    if (stage.how === 'held')
      check(
        message.includes(String(options.holder)),
        `the reason does not name the process ${options.holder}: ${message}`,
      );
    check(
      write.warnings.some((warning) => /journal|record/i.test(warning)),
      `the write carries no warning: ${JSON.stringify(write.warnings)}`,
    );
    check(stage.how !== 'disk full' || existsSync(file), 'the journal is gone');
    return `${writes > 0 ? `after ${writes} writes ` : ''}reads and writes go on, refused: “${message.slice(0, 90)}”`;
  },
};
