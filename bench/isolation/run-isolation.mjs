// Clients that cannot be told apart by their request ids, on one server that answers in an order of its own.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inOwnProcess } from '../http/in-own-process.mjs';
import { startMarshal } from '../http/start-marshal.mjs';
import { echoProgram } from '../servers.mjs';
import { judge } from '../verdict.mjs';

const clients = { legacyClients: 64, modernClients: 16 };

/** Prints what went wrong, if anything did, and returns the figures that have a bar. */
export async function runIsolation({ isQuick }) {
  const callsPerClient = isQuick ? 100 : 1_250;
  const folder = await mkdtemp(join(tmpdir(), 'marshal-bench-'));
  const config = join(folder, 'isolation.json');
  const echo = echoProgram({ BENCH_SHUFFLE: '1' });
  await writeFile(
    config,
    JSON.stringify({ version: 1, stateDir: join(folder, 'state'), log: { level: 'error' }, servers: { echo } }),
  );
  const marshal = await startMarshal(config);
  try {
    const options = { url: marshal.url, ...clients, callsPerClient, inFlight: 4, tool: 'echo__echo' };
    return report(await inOwnProcess('sendMarkedCalls', options));
  } finally {
    await marshal.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function report({ calls, tookMs, foreign, errors, lostProgress, sessions, pids, firstFault }) {
  const { legacyClients, modernClients } = clients;
  console.log(
    `\n${calls.toLocaleString('en')} calls of ${legacyClients} legacy and ${modernClients} modern HTTP clients on one stdio server, 4 at once each, request ids and progress tokens equal,\neach call with a marker of its own, the server answering what comes together in another order:`,
  );
  const rows = [
    ['foreign markers', foreign, judge('isolation foreign markers', foreign, { atMost: 0 })],
    ['errors', errors, judge('isolation errors', errors, { atMost: 0 })],
    ['progress lost, of every tenth call', lostProgress, judge('isolation progress', lostProgress, { atMost: 0 })],
    ['sessions', sessions],
    ['processes of the server', pids.length, judge('isolation servers', pids.length, { atMost: 1 })],
    ['calls a second', Math.round((calls * 1_000) / tookMs)],
  ];
  for (const [name, figure, verdict] of rows)
    console.log(
      `    ${name.padEnd(36)}${figure.toLocaleString('en').padStart(10)}${verdict ? `  ${verdict.text}` : ''}`,
    );
  if (firstFault !== undefined) console.log(`    first fault: ${firstFault}`);
  return rows.flatMap(([, , verdict]) => verdict ?? []);
}
