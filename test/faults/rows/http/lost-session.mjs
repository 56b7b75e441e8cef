import { checkEqual, millis } from '../../harness/check.mjs';
import { textOf } from '../../harness/client/calls.mjs';
import { http } from '../ways.mjs';

export const lostSession = {
  id: 'F18',
  title: 'a legacy session lost (404)',
  expected: 're-initialised once, reads sent again',
  ways: [http],
  async run(stage) {
    const up = await stage.upstream('up');
    const proxy = await stage.start([up]);
    await proxy.listTools();
    await proxy.call('up__read', {});
    const opened = () => up.log().filter(({ event }) => event === 'initialize').length;
    const before = opened();
    await up.control('forget');
    const nonces = Array.from({ length: 8 }, (_, i) => `n${i}`);
    const { results, tookMs } = await proxy.batch(
      nonces.map((nonce) => ({ tool: 'up__read', arguments: { nonce, key: nonce } })),
    );
    checkEqual(
      results.map((row) => textOf(row) ?? `${row.status}: ${row.error?.message}`),
      nonces,
      'the reads',
    );
    checkEqual(opened() - before, 1, 'sessions opened anew');
    await up.control('forget');
    const alone = await proxy.call('up__read', { nonce: 'alone' });
    checkEqual(alone.text ?? alone.error?.message, 'alone', 'a call by itself');
    checkEqual(opened() - before, 2, 'sessions opened anew after the second loss');
    return `8 reads of 8 ok in ${millis(tookMs)}, one session opened anew`;
  },
};
