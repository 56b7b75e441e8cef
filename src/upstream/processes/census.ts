import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { markVariable } from './run-mark.ts';

/** A process of this machine at one moment, those left out that have ended and wait to be collected. */
export interface Process {
  pid: number;
  parent: number;
  group: number;
  /** When it was started, as the system writes it: a pid that is used again has another. */
  born: string;
  /** What it carries of the kind of `nextMark`; known on Linux alone. */
  mark?: string;
}

/** Stat files read at a stretch: less than a millisecond. */
const stretch = 50;
/** `ps` answers in milliseconds; where it hangs, its answer is given up rather than the end of a server. */
const psLimitMs = 1000;

let current: Promise<readonly Process[]> | undefined;
let next: Promise<readonly Process[]> | undefined;

/**
 * All processes, looked at after this was called. Whoever asks while a look is being taken shares the next one with all others, so
 * that many servers which end together cost two looks. Empty where the system does not tell. Never rejects.
 */
export function takeCensus(): Promise<readonly Process[]> {
  if (current === undefined) {
    current = look().finally(() => (current = undefined));
    return current;
  }
  next ??= current.then(() => {
    next = undefined;
    return takeCensus();
  });
  return next;
}

/** Whether it still runs, and is no other process by now that has got its pid. */
export function isStillThere({ pid, born }: Process): boolean {
  if (process.platform === 'linux') return readStat(pid)?.born === born;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function look(): Promise<readonly Process[]> {
  if (process.platform === 'win32') return [];
  try {
    return await (process.platform === 'linux' ? lookAtProc() : lookWithPs());
  } catch {
    return [];
  }
}

async function lookAtProc(): Promise<readonly Process[]> {
  const found: Process[] = [];
  const own = readStat(process.pid);
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  for (const [index, pid] of pids.entries()) {
    if (index % stretch === 0) await setImmediate();
    const seen = readStat(Number(pid));
    if (seen === undefined) continue;
    // Nothing of ours is older than we are. An environment is memory of that process: asked of few, and never waited for by our loop.
    const mark = Number(seen.born) >= Number(own?.born) ? await readMark(pid) : undefined;
    found.push({ ...seen, ...(mark !== undefined && { mark }) });
  }
  return found;
}

/** Of `/proc/PID/stat` (proc(5)): state, parent and group follow the name, which may hold anything; the start is 17 fields on. */
function readStat(pid: number): Process | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = 'X', parent, group, ...rest] = text.slice(text.lastIndexOf(') ') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    return { pid, parent: Number(parent), group: Number(group), born: rest[16] ?? '' };
  } catch {
    return undefined;
  }
}

async function readMark(pid: string): Promise<string | undefined> {
  try {
    const variables = (await readFile(`/proc/${pid}/environ`, 'latin1')).split('\0');
    return variables.find((one) => one.startsWith(`${markVariable}=`))?.slice(markVariable.length + 1);
  } catch {
    return undefined;
  }
}

function lookWithPs(): Promise<readonly Process[]> {
  return new Promise((resolve) => {
    const columns = ['-Ao', 'pid=,ppid=,pgid=,stat=,lstart='];
    execFile('ps', columns, { timeout: psLimitMs, maxBuffer: 16 * 1024 * 1024 }, (_error, output) =>
      resolve(output.split('\n').flatMap(readRow)),
    );
  });
}

function readRow(row: string): Process[] {
  const [pid, parent, group, state, ...born] = row.trim().split(/\s+/);
  if (group === undefined || state === undefined || state.startsWith('Z')) return [];
  return [{ pid: Number(pid), parent: Number(parent), group: Number(group), born: born.join(' ') }];
}
