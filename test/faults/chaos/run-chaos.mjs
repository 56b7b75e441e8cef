// `npm run faults -- --chaos`: writes while upstreams and the program are killed at random, then the invariants.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../harness/random.mjs';
import { createStage } from '../harness/stage.mjs';
import { checkInvariants } from './check-invariants.mjs';
import { killAtRandom } from './kill-at-random.mjs';
import { sendWrites } from './send-writes.mjs';

const kinds = {
  a: { transport: 'stdio', era: 'legacy' },
  b: { transport: 'stdio', era: 'modern' },
  c: { transport: 'http', era: 'legacy' },
  d: { transport: 'http', era: 'modern' },
};
/** Batches at once. */
const lanes = 8;
const maxShown = 20;

/** Prints what happened and what did not hold. Returns the exit code. */
export async function runChaos({ program, seed, writes, limitMs, interrupted }) {
  const say = (line) => void process.stdout.write(`${line}\n`);
  say(`chaos: ${writes.toLocaleString('en')} writes, seed ${seed}`);
  const stage = createStage({ program, way: {} });
  const random = createRandom(seed);
  const startMs = performance.now();
  try {
    const upstreams = await Promise.all(Object.entries(kinds).map(([name, kind]) => stage.upstream(name, kind)));
    const config = stage.config(upstreams, { journal: { arguments: 'full' } });
    let current = stage.start(config);
    await (await current).listTools();
    /** From the moment of the kill on, whoever asks for the program waits for the next one. */
    const replace = async () => {
      const killed = current;
      current = killed.then(async (proxy) => {
        proxy.signal('SIGKILL');
        await proxy.exited;
        return stage.start(config);
      });
      await current;
    };

    const over = new AbortController();
    const killing = killAtRandom({ upstreams, replace, random: createRandom(seed + 1), signal: over.signal });
    const isOver = () => interrupted.aborted || performance.now() - startMs > limitMs;
    const { told, batches, done } = sendWrites({
      proxy: () => current,
      servers: Object.keys(kinds),
      random,
      writes,
      lanes,
      isOver,
    });
    const progress = setInterval(
      () =>
        process.stderr.write(
          `\r${told.size} of ${writes} writes, ${Math.round((performance.now() - startMs) / 1000)} s `,
        ),
      2_000,
    );
    await done;
    clearInterval(progress);
    over.abort();
    const killed = await killing;
    // What is under way may end, and the last process closes its journal.
    await sleep(1_000);
    const last = await current;
    const stderrs = last.stderr();
    await last.end();

    const { readJournals } = await import('../../../build/journal/read-journals.js');
    const reader = readJournals({ stateDir: join(stage.path, 'state') });
    const limit = 10_000_000;
    const evidence = {
      logs: upstreams.flatMap((upstream) => upstream.log()),
      told,
      calls: reader.calls({ limit }),
      batches: reader.batches({ limit }),
    };
    const problems = reader.problems();
    reader.close();
    const breaches = [...checkInvariants(evidence), ...problems, ...batches.mismatched];
    if (/unhandled|uncaught/i.test(stderrs)) breaches.push('an unhandled rejection on stderr');
    const ends = [...told.values()].map(
      (one) => one.ends.findLast(({ status }) => status !== 'pending')?.status ?? 'not told',
    );
    const counts = {};
    for (const end of ends) counts[end] = (counts[end] ?? 0) + 1;
    if ((counts.ok ?? 0) < told.size / 4)
      breaches.push(`only ${counts.ok ?? 0} of ${told.size} writes were reported ok: nothing was proven`);
    say(
      `\n${Math.round((performance.now() - startMs) / 1000)} s; killed: the program ${killed.proxies} times, upstreams ${killed.upstreams} times`,
    );
    say(
      `batches: ${batches.sent} (${batches.keyed} with a key, sent again ${batches.again} times), ${batches.answered} answered, ${batches.refused} refusals`,
    );
    say(
      `writes: ${Object.entries(counts)
        .map(([status, count]) => `${count} ${status}`)
        .join(', ')}`,
    );
    say(
      `journal: ${evidence.calls.length} calls, ${evidence.batches.length} batches (${evidence.batches.filter(({ status }) => status === 'interrupted').length} interrupted)`,
    );
    for (const breach of breaches.slice(0, maxShown)) say(`BREACH ${breach}`);
    for (const nonce of new Set(breaches.slice(0, maxShown).flatMap((breach) => /\bw\d+\b/.exec(breach) ?? [])))
      say(tellAbout(nonce, evidence));
    say(
      breaches.length === 0
        ? 'every invariant held'
        : `FAILED: ${breaches.length} breaches (npm run faults -- --chaos --seed ${seed} --writes ${writes})`,
    );
    return breaches.length === 0 ? 0 : 1;
  } finally {
    await stage.close();
  }
}

/** All that is known of one write, for whoever looks for the reason of a breach. */
function tellAbout(nonce, { logs, told, calls, batches }) {
  const rows = calls.filter((call) => call.arguments?.nonce === nonce);
  const theirs = batches.filter(({ batchId }) => rows.some((row) => row.batchId === batchId));
  const did = logs.filter((line) => line.nonce === nonce).map(({ event, at, pid }) => `${event} ${at} (${pid})`);
  return [
    `  ${nonce}: told ${JSON.stringify(told.get(nonce))}`,
    `    servers: ${did.join(', ')}`,
    `    journal: ${JSON.stringify(rows, ['batchId', 'callId', 'status', 'applied', 'code', 'startedAt', 'endedAt', 'attempts'])}`,
    `    batches: ${JSON.stringify(theirs, ['batchId', 'status', 'acceptedAt', 'endedAt', 'calls'])}`,
  ].join('\n');
}
