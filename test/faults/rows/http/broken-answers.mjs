import { check, checkEqual, checkWithin, megabytes, millis, until } from '../../harness/check.mjs';
import { peakBytes, residentBytes } from '../../harness/processes.mjs';
import { http, modernHttp } from '../ways.mjs';

/**
 * What may be said of each. All of them leave open whether the write took effect, but the redirect: who is sent elsewhere by HTTP 307 has
 * not been served.
 */
const codes = {
  reset: ['connection_lost'],
  truncated: ['connection_lost', 'upstream_error'],
  'cut SSE': ['connection_lost'],
  'SSE without an answer': ['connection_lost', 'upstream_error'],
  202: ['upstream_error', 'connection_lost'],
  '300 MB': ['upstream_error'],
  'HTML page': ['upstream_error', 'connection_lost'],
  redirect: ['upstream_error', 'server_unavailable'],
};

export const brokenAnswers = {
  id: 'F16',
  title:
    'HTTP: reset mid-body, truncated JSON, cut SSE, SSE that ends without an answer, 202 for a request, 300 MB body, HTML error page, redirect elsewhere',
  expected:
    'the right code within 200 ms of the event; bounded memory; a redirect to another origin never followed, credentials never sent there',
  ways: [http, modernHttp],
  limitMs: 60_000,
  async run(stage) {
    const up = await stage.upstream('up', { entry: { headers: { Authorization: 'Bearer token-of-the-user' } } });
    const proxy = await stage.start([up]);
    await proxy.listTools();
    await proxy.call('up__read', {});
    const before = residentBytes(proxy.pid);
    let worst = 0;
    const faults = [];
    for (const [how, allowed] of Object.entries(codes)) {
      const { results, text } = await proxy.batch([
        { tool: 'up__fault_write', arguments: { how, nonce: how, key: how }, timeoutMs: 10_000 },
      ]);
      const endAt = Date.now();
      const [row] = results;
      // The server may write down what it has done after we have seen it.
      const done = how === '300 MB' ? 'over 64 MiB' : how;
      const event = await until(() => up.log().find(({ event: kind, what }) => kind === 'did' && what === done), {
        withinMs: 2_000,
        what: `“${how}” did not happen`,
      });
      const ms = endAt - event.at;
      const complain = (text_) => faults.push(`${how}: ${text_}`);
      if (row?.status !== 'failed' || !allowed.includes(row.error.code))
        complain(`${row?.status}/${row?.error?.code}: ${row?.error?.message}`);
      else if (row.applied !== 'unknown' && how !== 'redirect') complain(`applied: ${row.applied}`);
      else if (ms > 200) complain(`${ms} ms after the event`);
      if (/secret-of-the-page|token-of-the-user/.test(text)) complain('a secret stands in the reply');
      worst = Math.max(worst, ms);
      const next = await proxy.call('up__read', { nonce: `after ${how}` });
      if (next.text !== `after ${how}`) complain(`the next call: ${next.error?.message ?? next.text}`);
      if (how !== 'redirect') checkEqual(up.starts(how).length, 1, `how often the write of “${how}” was sent`);
    }
    check(faults.length === 0, faults.join('; '));
    checkEqual(up.log().filter(({ event }) => event === 'landed').length, 0, 'requests where the redirect led');
    const grown = peakBytes(proxy.pid) - before;
    checkWithin(grown / 1e6, { atMost: 400 }, 'MB of memory more at the peak');
    check(!/token-of-the-user|secret-of-the-page/.test(proxy.stderr()), 'a secret stands in the log');
    return `8 faults, ${millis(worst)} after the event at most; +${megabytes(grown)} at the peak; redirect not followed`;
  },
};
