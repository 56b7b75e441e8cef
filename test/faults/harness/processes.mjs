// Processes as the system sees them.
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** True while it runs; one that has ended and only waits to be collected counts as gone. */
export function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    return error.code === 'ENOENT' && process.platform !== 'linux';
  }
}

/** Processes in whose command line or environment the word stands; [] where the system does not show them. */
export function findByMark(mark) {
  const bears = (pid) => ['cmdline', 'environ'].some((file) => read(`/proc/${pid}/${file}`).includes(mark));
  return allPids().filter((pid) => pid !== process.pid && bears(pid) && isRunning(pid));
}

/** All descendants of a process, by parent: those that live now. */
export function descendantsOf(root) {
  const parents = new Map(allPids().map((pid) => [pid, parentOf(pid)]));
  const found = new Set([root]);
  for (let before = 0; before !== found.size;) {
    before = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  found.delete(root);
  return [...found].filter(isRunning);
}

export function parentOf(pid) {
  return Number(fieldsOf(pid)[1]);
}

/** Resident memory in bytes. */
export function residentBytes(pid) {
  return Number(/VmRSS:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1] ?? NaN) * 1024;
}

/** The most that it was. */
export function peakBytes(pid) {
  return Number(/VmHWM:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1] ?? NaN) * 1024;
}

/** Time of the processor since its start, in milliseconds. */
export function cpuMs(pid) {
  const [, , , , , , , , , , , user, system] = fieldsOf(pid);
  const msPerTick = 10;
  return (Number(user) + Number(system)) * msPerTick;
}

export function openDescriptors(pid) {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
  } catch {
    return [];
  }
}

/** Signals a process that may have gone. */
export function signal(pid, name) {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

function allPids() {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** From the third field on: state, parent, group, … */
function fieldsOf(pid) {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function linkOf(path) {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
