import { Aborter } from '../../core/abort.ts';
import type { Clock } from '../../core/clock.ts';
import { createEndpoint } from '../../lib/http/endpoint.ts';
import { readText } from '../../lib/http/read-text.ts';
import { isTrustworthyUrl } from './trustworthy-url.ts';

/** Metadata and keys of an issuer are a few thousand bytes. */
const maxBytes = 256 * 1024;
const timeoutMs = 5000;

/** What one GET brought. `reason` is for the log. */
export type Fetched = { ok: true; value: unknown } | { ok: false; reason: string };

/** Reads JSON at a URL, no more and no longer than such a thing takes. Follows no redirect, and sends nothing of a client. Never rejects. */
export async function fetchJson(url: string, clock: Clock): Promise<Fetched> {
  if (!isTrustworthyUrl(url)) return { ok: false, reason: `${url} is neither https nor on this machine` };
  const endpoint = createEndpoint(url, { headers: { Accept: 'application/json' }, trustForMs: 0 });
  const signal = new Aborter();
  const cancelTimer = clock.after(timeoutMs, () => signal.abort());
  try {
    const opening = await endpoint.open({ method: 'GET', headers: {}, signal });
    if (opening.kind === 'aborted') return { ok: false, reason: `${url} did not answer within ${timeoutMs / 1000} s` };
    if (opening.kind !== 'response') return { ok: false, reason: `${url} cannot be reached (${opening.reason})` };
    const { response } = opening;
    if (response.statusCode !== 200) {
      response.destroy();
      return { ok: false, reason: `${url} answered with HTTP ${response.statusCode}` };
    }
    const text = await readText(response, maxBytes);
    if (text === undefined) return { ok: false, reason: `${url} answered with more than ${maxBytes} bytes` };
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, reason: `${url} did not answer with JSON` };
  } finally {
    cancelTimer();
    endpoint.close();
  }
}
