import { Aborter } from '../../core/abort.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Reply } from '../../core/protocol/rpc.ts';
import type { Upstream } from '../upstream.ts';

/** Others wait for what we ask of a server on our own account. One that does not answer such must not hold them longer. */
const limitMs = 10_000;

/** A request on our own account, given up after 10 s. Never rejects. */
export async function requestSoon(upstream: Upstream, method: string, params: JsonObject): Promise<Reply> {
  const aborter = new Aborter();
  const timer = setTimeout(() => aborter.abort(), limitMs);
  try {
    return await upstream.request(method, params, { signal: aborter });
  } finally {
    clearTimeout(timer);
  }
}
