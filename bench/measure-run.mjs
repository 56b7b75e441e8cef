// One run of one way of calling: its time, the lower bound for the times that its calls took, and what went wrong.
import { conflictPairs } from './calls.mjs';
import { countViolations } from './count-violations.mjs';
import { lowerBound } from './lower-bound.mjs';
import { serialValues } from './store.mjs';
import { readRecords } from './upstreams.mjs';

/** Runs `way`, a function of calls and the run's name, and judges it by the servers' logs. */
export async function measureRun({ way, calls, run, shape, folder, who }) {
  const startMs = performance.now();
  const reply = await way(calls, run);
  const wallMs = performance.now() - startMs;
  const records = await readRecords({ folder, who, servers: shape.servers, run, expected: calls.length });
  const pairs = conflictPairs(calls);
  // A call that never answers holds its slot until its timeout.
  const jobs = calls.map(({ server, timeoutMs }, n) => ({ server, ms: timeoutMs ?? msOf(records[n]) }));
  const caps = Object.entries(shape.servers).flatMap(([name, { cap }]) => (cap === undefined ? [] : [[name, cap]]));
  const bound = lowerBound({ jobs, pairs, maxParallel: shape.maxParallel, serverCaps: Object.fromEntries(caps) });
  const lost = calls.filter(({ args }, n) => !args.hang && !args.fail && records[n]?.ok !== true).length;
  return {
    wallMs,
    lowerBoundMs: bound.ms,
    binds: bound.binds,
    ratio: wallMs / bound.ms,
    ...countViolations({ pairs, records, expected: serialValues(calls) }),
    lost,
    ...(reply?.timing && { timing: reply.timing }),
  };
}

function msOf(record) {
  return record === undefined ? 0 : record.endMs - record.startMs;
}
