// Clients over HTTP that send batches, each its next one as soon as the last has been answered.
import { openRawClient } from '../http/raw-client.mjs';
import { quantile } from '../median.mjs';

/**
 * @param options url; `clients` of the legacy era; `servers` whose `echo` is called, in turns; `callsPerBatch`; `warmUpMs` that are not
 *                counted; `forMs`
 * @returns batches answered in the counted time, `perSecond`, `medianMs`, `p99Ms` and `worstMs` from request to whole answer; `errors`:
 *          batches that were not answered, and answers that lack a call or hold what was not asked; the first of them in words
 */
export async function sendBatches({ url, clients, servers, callsPerBatch, warmUpMs, forMs }) {
  const open = await Promise.all(Array.from({ length: clients }, () => openRawClient({ url, era: 'legacy' })));
  const samples = [];
  const faults = [];
  const startMs = performance.now() + warmUpMs;
  const endMs = startMs + forMs;

  const sendAll = async (client, number) => {
    for (let batch = 0; performance.now() < endMs; batch++) {
      const markers = Array.from({ length: callsPerBatch }, (_, n) => `marker ${number}.${batch}.${n};`);
      const calls = markers.map((message, n) => ({
        tool: `${servers[n % servers.length]}__echo`,
        arguments: { message },
      }));
      const sentMs = performance.now();
      const fault = await client.callTool({ name: 'batch_call', args: { calls } }).then(
        (answer) => findFault(answer, markers),
        (error) => String(error),
      );
      const nowMs = performance.now();
      if (fault !== undefined) faults.push(fault);
      if (sentMs >= startMs && nowMs <= endMs) samples.push(nowMs - sentMs);
    }
  };
  try {
    await Promise.all(open.map(sendAll));
  } finally {
    await Promise.all(open.map((client) => client.close()));
  }
  return {
    batches: samples.length,
    perSecond: (samples.length * 1_000) / forMs,
    medianMs: quantile(samples),
    p99Ms: quantile(samples, 0.99),
    worstMs: quantile(samples, 1),
    errors: faults.length,
    firstFault: faults[0],
  };
}

/** The markers of a reply are those that were sent, each once and in their order. */
function findFault({ result, error }, markers) {
  if (error !== undefined) return error.message;
  const text = result.content.map((block) => block.text ?? '').join('\n');
  const found = text.match(/marker [\d.]+;/g) ?? [];
  return String(found) === String(markers) ? undefined : `not the calls that were sent: ${text.slice(0, 300)}`;
}
