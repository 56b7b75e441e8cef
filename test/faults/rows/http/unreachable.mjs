import { createServer as createTlsServer } from 'node:https';
import { once } from 'node:events';
import { check, checkEqual, checkWithin, millis, until } from '../../harness/check.mjs';
import { selfSigned } from './self-signed.mjs';
import { http } from '../ways.mjs';

const reconnectWaitMs = 10_000;

export const unreachable = {
  id: 'F16',
  title: 'HTTP: refused, DNS, TLS',
  expected: 'the right code within 200 ms of the event, the reason in words; the others are served',
  ways: [http],
  isPatient: true,
  async run(stage) {
    const other = await stage.upstream('other');
    const up = await stage.upstream('up');
    const tls = createTlsServer(selfSigned(), (_, response) => response.end('never'));
    tls.listen(0, '127.0.0.1');
    await once(tls, 'listening');
    stage.closeLater(() => tls.close());
    const reasons = {
      dns: [{ url: 'http://no-such-host.invalid/mcp' }, /no-such-host\.invalid|not found|DNS|host/i],
      tls: [{ url: `https://127.0.0.1:${tls.address().port}/mcp` }, /certificate|TLS|self.signed/i],
    };
    const servers = Object.fromEntries(Object.entries(reasons).map(([name, [entry]]) => [name, entry]));
    const proxy = await stage.start({ other: other.entry, up: up.entry, ...servers });
    await proxy.listTools();
    checkEqual((await proxy.call('other__read', { nonce: 'x' })).text, 'x', 'a call of another upstream');
    checkEqual((await proxy.call('up__read', { nonce: 'y' })).text, 'y', 'a call while it is there');
    for (const [name, [, reason]] of Object.entries(reasons)) {
      const words = async () => (await proxy.batch([{ tool: `${name}__read` }])).text;
      await until(async () => reason.test(await words()), {
        withinMs: 5_000,
        everyMs: 100,
        what: () => `the call of ${name} does not say why`,
      }).catch(async (error) => {
        throw Object.assign(error, { message: `${error.message}: ${(await words()).slice(0, 300)}` });
      });
    }
    // Refused: it was there, and is gone. The call that meets it finds nobody listening.
    await up.kill();
    const { results, tookMs } = await proxy.batch([
      { tool: 'up__write', arguments: { nonce: 'w', key: 'k' }, timeoutMs: 5_000 },
    ]);
    const [row] = results;
    check(
      row?.status === 'failed' && row.error.code === 'server_unavailable',
      `refused: ${row?.status}/${row?.error?.code} ${row?.error?.message}`,
    );
    checkEqual(row.applied, 'no', 'what the refused write changed');
    // A call waits so long for a server to come back (scheduling: a queued call, when an upstream dies).
    checkWithin(tookMs, { atMost: reconnectWaitMs + 200 }, 'ms to the end of the refused call');
    return `3 reasons in words; refused after ${millis(tookMs)}, applied no`;
  },
};
