import { checkEqual } from '../../harness/check.mjs';
import { openHttpSession } from '../../harness/client/http-session.mjs';
import { createCaller } from '../../harness/client/calls.mjs';

const clients = 64;
const inFlight = 4;

export const manyClients = {
  id: 'F27',
  isLoud: true,
  title: '64 HTTP clients with equal ids, calls with markers, one shared upstream',
  expected: 'no foreign marker in 100,000 calls (20,000 in CI)',
  ways: [
    { name: 'http', transport: 'http', era: 'legacy' },
    { name: 'stdio', transport: 'stdio', era: 'legacy' },
  ],
  limitMs: 90_000,
  longLimitMs: 300_000,
  async run(stage) {
    const up = await stage.upstream('up');
    const proxy = await stage.start([up], { http: true });
    const total = stage.isLong ? 100_000 : 10_000;
    const eras = Array.from({ length: clients }, (_, i) => (i % 4 === 3 ? 'modern' : 'legacy'));
    const open = await Promise.all(eras.map((era) => openHttpSession(proxy.url, { era, sockets: inFlight })));
    stage.closeLater(() => open.forEach((session) => session.close()));
    const callers = open.map(createCaller);
    await Promise.all(callers.map((caller) => caller.call('up__read', { nonce: 'warm' })));
    const startMs = performance.now();
    let done = 0;
    await Promise.all(
      callers.map(async (caller, number) => {
        let sent = 0;
        const lane = async () => {
          while (sent < total / clients) {
            const nonce = `client ${number} call ${sent++}`;
            // Every 20th is a batch, whose results must come back to their indices too.
            if (sent % 20 === 0) {
              const nonces = [0, 1, 2].map((i) => `${nonce} index ${i}`);
              const { results, rpcError } = await caller.batch(
                nonces.map((one) => ({ tool: 'up__read', arguments: { nonce: one } })),
              );
              checkEqual(
                results.map((row) => row.result?.content[0].text),
                nonces,
                `a batch (${rpcError?.message ?? ''})`,
              );
              done += nonces.length;
            } else {
              const { text, error } = await caller.call('up__read', { nonce });
              checkEqual(text, nonce, `a call (${error?.message ?? ''})`);
              done += 1;
            }
          }
        };
        await Promise.all(Array.from({ length: inFlight }, lane));
      }),
    );
    const perSecond = Math.round(done / ((performance.now() - startMs) / 1000));
    return `${done.toLocaleString('en')} calls, 0 foreign markers, ${perSecond.toLocaleString('en')} a second`;
  },
};
