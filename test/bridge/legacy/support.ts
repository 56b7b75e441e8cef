import { afterEach } from 'vitest';
import { connectLegacy, connectRaw, type RawClient } from '../raw-client.ts';
import { legacyScript, startRawProxy, type LegacyScript, type RawProxy } from '../raw-proxy.ts';

const closeLater: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closeLater.splice(0).map((close) => close()));
});

/** A legacy proxy; closed after the test, as everything here. */
export async function start(
  script: LegacyScript = {},
): Promise<{ proxy: RawProxy; forget: () => void; sessions: string[] }> {
  const { handle, forget, sessions } = legacyScript(script);
  const proxy = await startRawProxy(handle);
  closeLater.push(proxy.stop);
  return { proxy, forget, sessions };
}

/** A client that has said nothing yet. */
export function connectSilent(proxy: RawProxy, options: Parameters<typeof connectRaw>[1] = {}): RawClient {
  const client = connectRaw(proxy.url, options);
  closeLater.push(client.bridge.close);
  return client;
}

/** A client with its session opened and settled, and nothing received but what the proxy said unasked. */
export async function connect(proxy: RawProxy, options: Parameters<typeof connectLegacy>[1] = {}): Promise<RawClient> {
  const client = await connectLegacy(proxy.url, options);
  closeLater.push(client.bridge.close);
  // Requests are held back until the proxy has taken the confirmation.
  await client.request('settled', 'ping');
  const others = client.received.filter(({ id }) => id !== 'open' && id !== 'settled');
  client.received.splice(0, Infinity, ...others);
  return client;
}

/** Ends the proxy and starts it again with all sessions forgotten. */
export async function restart({ proxy, forget }: { proxy: RawProxy; forget: () => void }): Promise<void> {
  await proxy.stop();
  forget();
  await proxy.start();
}

export const lost = { code: -32603, data: { code: 'connection_lost', applied: 'unknown' } };
