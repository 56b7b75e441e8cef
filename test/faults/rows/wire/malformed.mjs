import { check, checkEqual, checkWithin, millis } from '../../harness/check.mjs';
import { shape, textOf } from '../../harness/client/calls.mjs';
import { allWays } from '../ways.mjs';

export const malformed = {
  id: 'F09',
  title: 'malformed frames: both result and error, foreign ids, ids of another type, duplicate ids',
  expected: 'a protocol error for that call within 50 ms, first answer wins, no crash',
  ways: allWays,
  async run(stage) {
    const up = await stage.upstream('up');
    const proxy = await stage.start([up]);
    await proxy.listTools();
    await proxy.call('up__read', {});
    const isHttp = stage.transport === 'http';
    const commit = async (how) => {
      const nonce = `the answer to ${how}`;
      const call = isHttp
        ? { tool: 'up__fault', arguments: { how: 'malformed', what: how, nonce } }
        : { tool: 'up__malformed', arguments: { how, nonce } };
      const sentAt = Date.now();
      const reply = await proxy.batch([{ ...call, timeoutMs: 5_000 }]);
      const endAt = Date.now();
      const done = up.log().findLast(({ event, what }) => event === 'did' && what === (isHttp ? 'malformed' : how));
      return { row: reply.results[0], nonce, ms: endAt - (done?.at ?? sentAt) };
    };
    const took = [];
    // On stdio an answer under a foreign id belongs to nobody, and the right one follows; over HTTP it is all that comes.
    const broken = isHttp ? ['both', 'neither', 'text', 'foreign', 'other type'] : ['both', 'neither', 'text'];
    for (const how of broken) {
      const { row, ms } = await commit(how);
      checkEqual(shape(row), `failed/upstream_error/no`, `“${how}”`);
      checkWithin(ms, { atMost: 50 }, `ms from “${how}” to the error`);
      took.push(ms);
    }
    for (const how of isHttp ? ['twice'] : ['twice', 'foreign', 'other type']) {
      const { row, nonce } = await commit(how);
      check(row?.status === 'ok', `“${how}”: ${shape(row)} ${row?.error?.message ?? ''}`);
      checkEqual(textOf(row), nonce, `“${how}”: the answer`);
    }
    for (let i = 0; i < 20; i += 1)
      checkEqual((await proxy.call('up__read', { nonce: `n${i}` })).text, `n${i}`, 'a call afterwards');
    checkEqual(
      up.log().filter(({ event }) => event === 'initialize').length,
      stage.era === 'legacy' ? 1 : 0,
      'connections',
    );
    return `${took.length} kinds, an error after ${millis(Math.max(...took))} at most; the first answer won`;
  },
};
