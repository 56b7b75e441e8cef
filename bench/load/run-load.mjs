// Batches under load: 20 sleeping reads in one, and many clients over HTTP that send batches of 20.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inOwnProcess } from '../http/in-own-process.mjs';
import { startMarshal } from '../http/start-marshal.mjs';
import { quantile } from '../median.mjs';
import { echoProgram } from '../servers.mjs';
import { judge } from '../verdict.mjs';
import { batchOfSleeps } from './batch-of-sleeps.mjs';
import { residentMb, watchMemory } from './watch-memory.mjs';

const bars = { batchMs: 330, perSecond: 250, p99Ms: 400, idleMb: 120, loadedMb: 350 };
const clients = 64;
const callsPerBatch = 20;
const servers = ['e1', 'e2', 'e3', 'e4'];
const toolsPerServer = 50;

/** Prints each figure with its bar, and returns those that have one. */
export async function runLoad({ isQuick }) {
  const folder = await mkdtemp(join(tmpdir(), 'marshal-bench-'));
  try {
    return [await sleeps(folder), ...(await crowd(folder, isQuick ? 3_000 : 20_000))];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function sleeps(folder) {
  const { medianMs, serialMs, lowerBoundMs } = await batchOfSleeps({ folder, runs: 5 });
  const verdict = judge('batch of sleeps', medianMs, { atMost: bars.batchMs });
  console.log(
    `\n20 reads of 100 ms in one batch at 8 in parallel (5 runs): ${medianMs.toFixed(0)} ms, one by one ${serialMs.toFixed(0)} ms, lower bound ${lowerBoundMs.toFixed(0)} ms  ${verdict.text}`,
  );
  return verdict;
}

async function crowd(folder, forMs) {
  const marshal = await startMarshal(await writeConfig(folder));
  try {
    // What starting has left behind goes first.
    await sleep(2_000);
    const idleMb = await residentMb(marshal.pid);
    const memory = watchMemory(marshal.pid);
    const options = { url: marshal.url, clients, servers, callsPerBatch, warmUpMs: 3_000, forMs };
    const sent = await inOwnProcess('sendBatches', options);
    return report({ ...sent, idleMb, seenMb: await memory.stop() }, forMs);
  } finally {
    await marshal.close();
  }
}

function report({ perSecond, medianMs, p99Ms, worstMs, errors, firstFault, idleMb, seenMb }, forMs) {
  const peakMb = Math.max(...seenMb);
  const [early, late] = [seenMb.slice(0, seenMb.length / 2), seenMb.slice(seenMb.length / 2)].map((mb) => quantile(mb));
  const rows = [
    ['batches a second', perSecond.toFixed(0), judge('load batches/s', perSecond, { atLeast: bars.perSecond })],
    ['median', `${medianMs.toFixed(0)} ms`],
    ['p99', `${p99Ms.toFixed(0)} ms`, judge('load p99', p99Ms, { atMost: bars.p99Ms })],
    ['worst', `${worstMs.toFixed(0)} ms`],
    ['errors', String(errors), judge('load errors', errors, { atMost: 0 })],
    [
      `memory idle, ${servers.length * toolsPerServer} tools`,
      `${idleMb.toFixed(0)} MB`,
      judge('load memory idle', idleMb, { atMost: bars.idleMb }),
    ],
    ['memory, most', `${peakMb.toFixed(0)} MB`, judge('load memory', peakMb, { atMost: bars.loadedMb })],
    ['memory, first half to second', `${early.toFixed(0)} → ${late.toFixed(0)} MB`],
  ];
  console.log(
    `\nbatches of ${callsPerBatch} reads over ${servers.length} stdio servers that answer at once, ${clients} HTTP clients with a session each, for ${forMs / 1_000} s after 3 s:`,
  );
  for (const [name, figure, verdict] of rows)
    console.log(`    ${name.padEnd(32)}${figure.padStart(14)}${verdict ? `  ${verdict.text}` : ''}`);
  if (firstFault !== undefined) console.log(`    first error: ${firstFault}`);
  console.log(
    '  The generator is a process of its own: bare node:http on one kept connection a client, the next batch as soon as the last is\n  answered, every reply looked through for its 20 markers. Servers are raw JSON-RPC. All share the cores.',
  );
  return rows.flatMap(([, , verdict]) => verdict ?? []);
}

async function writeConfig(folder) {
  const policy = join(folder, 'echo.yaml');
  await writeFile(policy, JSON.stringify({ version: 1, tools: { 'echo*': { class: 'read' } } }));
  const echo = { ...echoProgram({ BENCH_TOOLS: String(toolsPerServer) }), policy };
  const file = join(folder, 'load.json');
  const config = {
    version: 1,
    stateDir: join(folder, 'state'),
    log: { level: 'error' },
    servers: Object.fromEntries(servers.map((name) => [name, echo])),
  };
  await writeFile(file, JSON.stringify(config));
  return file;
}
