// B19: 25 results of 1 MB under a budget of 200 KB, again and again: the reply keeps to its budget, and memory does not grow with the batches.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFile } from './servers.mjs';
import { startClient } from './start-client.mjs';
import { writeMarshalConfig } from './upstreams.mjs';

const budgetChars = 200_000;
const megabyte = 1_000_000;

/** Characters of the longest reply, and the proxy's resident memory at its peak (MB), before and after `batches`; memory only where /proc is. */
export async function bigResults({ batches }) {
  const folder = await mkdtemp(join(tmpdir(), 'marshal-bench-'));
  const config = await writeMarshalConfig({ folder, who: 'marshal', servers: { s0: {} }, maxParallel: 8 });
  const written = JSON.parse(await readFile(config, 'utf8'));
  await writeFile(config, JSON.stringify({ ...written, batch: { ...written.batch, maxReplyChars: budgetChars } }));
  const args = [packageFile('dist/main.js'), 'serve', '--config', config];
  const { client, pid, close } = await startClient({ command: process.execPath, args });
  const send = async (bytes, batch) => {
    const calls = Array.from({ length: 25 }, (_, n) => ({
      tool: 's0__read',
      arguments: { key: `/big/${n}`, ms: 5, n, run: `big-${batch}`, bytes },
    }));
    const { content } = await client.callTool({ name: 'batch_call', arguments: { calls } });
    return content.reduce((sum, { text = '' }) => sum + text.length, 0);
  };
  try {
    await send(100, 'warm-up');
    const idleMb = await peakMb(pid);
    const lengths = [];
    const peaksMb = [];
    for (let batch = 0; batch < batches; batch++) {
      lengths.push(await send(megabyte, batch));
      peaksMb.push(await peakMb(pid));
    }
    return { budgetChars, longestReply: Math.max(...lengths), idleMb, peaksMb };
  } finally {
    await close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The most that a process ever had in memory. */
async function peakMb(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /VmHWM:\s*(\d+)/.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1_024;
}
