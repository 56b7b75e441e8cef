// What a process holds, looked at from outside and, by its probe, from inside.
import { descendantsOf, openDescriptors, residentBytes } from '../harness/processes.mjs';

/** Looks at the memory so often until it is ended. */
export function watchMemory(pid, everyMs = 500) {
  const samples = [];
  const timer = setInterval(() => samples.push({ at: performance.now(), bytes: residentBytes(pid) }), everyMs);
  return {
    samples,
    stop: () => clearInterval(timer),
  };
}

/** Descriptors by kind, children, timers and memory in use. */
export async function takeStock(proxy) {
  const { resources, heapUsed, unhandled } = await proxy.ask('report');
  const descriptors = {};
  for (const link of openDescriptors(proxy.pid)) {
    const kind = /^(socket|pipe|anon_inode)/.exec(link)?.[1] ?? (link.startsWith('/') ? 'file' : 'other');
    descriptors[kind] = (descriptors[kind] ?? 0) + 1;
  }
  return {
    descriptors: Object.values(descriptors).reduce((sum, count) => sum + count, 0),
    kinds: descriptors,
    children: descendantsOf(proxy.pid).length,
    timers: resources.Timeout ?? 0,
    heapUsed,
    unhandled,
    residentBytes: residentBytes(proxy.pid),
  };
}
