import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const everyMs = 500;

/** What a process has in memory, in MB. */
export async function residentMb(pid) {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) / 1_024;
}

/** Looks at a process's memory twice a second. `stop` ends that, and resolves with what was seen, in MB. */
export function watchMemory(pid) {
  const seen = [];
  const timer = setInterval(() => void residentMb(pid).then((mb) => seen.push(mb)), everyMs);
  return {
    async stop() {
      clearInterval(timer);
      seen.push(await residentMb(pid));
      return seen;
    },
  };
}
