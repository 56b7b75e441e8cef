// The servers of a shape, as direct clients, mcp-marshal and a peer start them: the same program, each time with a log of its own.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

// A policy for bench/upstream.mjs: keys are paths, and nothing is said of tool_0 to tool_7.
const policy = {
  version: 1,
  base: '/',
  tools: {
    read: { class: 'read', locks: [{ arg: 'key', type: 'path' }] },
    write: { class: 'write', locks: [{ arg: 'key', type: 'path', mode: 'write' }] },
    move: {
      class: 'write',
      locks: [
        { arg: 'source', type: 'path', mode: 'write' },
        { arg: 'destination', type: 'path', mode: 'write' },
      ],
    },
  },
};

/** How to start each server of a shape; `who` starts them, and has its logs apart. */
export function upstreamPrograms({ folder, who, servers }) {
  return Object.entries(servers).map(([name, { cap }]) => ({
    name,
    cap,
    command: process.execPath,
    args: [fileURLToPath(new URL('./upstream.mjs', import.meta.url))],
    env: { BENCH_LOG: logFile({ folder, who, name }), ...(cap !== undefined && { BENCH_CAP: String(cap) }) },
  }));
}

/** Writes mcp-marshal's configuration for a shape, and returns its path. */
export async function writeMarshalConfig({ folder, who, servers, maxParallel }) {
  const policyFile = join(folder, 'policy.yaml');
  await writeFile(policyFile, JSON.stringify(policy));
  const programs = upstreamPrograms({ folder, who, servers });
  const config = {
    version: 1,
    stateDir: join(folder, `state-${who}`),
    log: { level: 'error' },
    batch: { maxCalls: 1_000, maxParallel, maxReplyChars: 1_000_000 },
    servers: Object.fromEntries(
      programs.map(({ name, cap, ...program }) => [
        name,
        { ...program, policy: policyFile, ...(cap !== undefined && { maxParallel: cap }) },
      ]),
    ),
  };
  const file = join(folder, `${who}.json`);
  await writeFile(file, JSON.stringify(config));
  return file;
}

/** What the servers of `who` logged of one run: per call, at its index; waits for the last lines, which follow their answers. */
export async function readRecords({ folder, who, servers, run, expected }) {
  for (let waitedMs = 0; ; waitedMs += 20) {
    const records = [];
    for (const name of Object.keys(servers)) {
      const lines = await readFile(logFile({ folder, who, name }), 'utf8').catch(() => '');
      for (const line of lines.split('\n')) {
        if (!line.includes(`"${run}"`)) continue;
        const record = JSON.parse(line);
        // A call that was sent twice counts from its first start to its last end.
        const before = records[record.n];
        records[record.n] = before === undefined ? record : { ...record, startMs: before.startMs };
      }
    }
    if (Object.keys(records).length >= expected || waitedMs >= 200) return records;
    await sleep(20);
  }
}

function logFile({ folder, who, name }) {
  return join(folder, `${who}-${name}.log`);
}
