// Many clients over HTTP with the same request ids and progress tokens, each call with a marker of its own that must come back to it.
import { openRawClient } from '../http/raw-client.mjs';

/**
 * @param options url; clients of each era; `callsPerClient`, of which each has `inFlight` at once; the `tool` that gives its `message` back
 * @returns `calls` answered and how long they took; `foreign` markers in answers or progress; `errors`: calls that were refused, failed or
 *          not answered; `lostProgress`: calls that asked for progress and got none; `sessions` that were opened; `pids` of the processes
 *          that served the calls; the first fault in words
 */
export async function sendMarkedCalls({ url, legacyClients, modernClients, callsPerClient, inFlight, tool }) {
  const eras = [...Array(legacyClients).fill('legacy'), ...Array(modernClients).fill('modern')];
  const open = await Promise.all(eras.map((era) => openRawClient({ url, era, sockets: inFlight })));
  const pids = new Set();
  const counts = { calls: 0, foreign: 0, errors: 0, lostProgress: 0 };
  let firstFault;
  const count = (fault, text) => {
    counts[fault] += 1;
    firstFault ??= `${fault}: ${text}`;
  };

  const callOne = async (client, marker, progressToken) => {
    const { result, error, progress } = await client.callTool({ name: tool, args: { message: marker }, progressToken });
    counts.calls += 1;
    if (result?.isError || error !== undefined) return count('errors', JSON.stringify(result ?? error));
    pids.add(result['_meta']?.pid);
    const heard = progress.map(({ message, progressToken: token }) => `${message} ${token}`);
    const texts = [...result.content.map(({ text }) => text), ...heard];
    const wanted = new Set([marker, `${marker} ${progressToken}`]);
    const stranger = texts.find((text) => !wanted.has(text));
    if (stranger !== undefined) count('foreign', `${stranger} to ${marker}`);
    if (progressToken !== undefined && heard.length !== 1) count('lostProgress', marker);
  };
  const callAll = (client, number) => {
    let sent = 0;
    const lane = async () => {
      while (sent < callsPerClient) {
        const call = sent++;
        // Every tenth asks for progress, under a token that all the clients use.
        const token = call % 10 === 0 ? call : undefined;
        await callOne(client, `client ${number} call ${call}`, token);
      }
    };
    // Where one call is not answered, the next would be waited for in vain as well.
    const run = () => lane().catch((error) => count('errors', String(error)));
    return Promise.all(Array.from({ length: inFlight }, run));
  };

  const startMs = performance.now();
  try {
    await Promise.all(open.map(callAll));
  } finally {
    await Promise.all(open.map((client) => client.close()));
  }
  const sessions = new Set(open.map(({ sessionId }) => sessionId).filter((id) => id !== undefined));
  const tookMs = performance.now() - startMs;
  return {
    calls: open.length * callsPerClient,
    tookMs,
    ...counts,
    firstFault,
    sessions: sessions.size,
    pids: [...pids],
  };
}
