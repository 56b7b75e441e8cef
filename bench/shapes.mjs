// The shapes of batches that are measured (design of the scheduler, §5); B16, B17 and B19 ask something else and have files of their own.
import { manyServerShapes } from './shapes/many-servers.mjs';
import { oneServerShapes } from './shapes/one-server.mjs';

/**
 * A shape: `servers` with the calls that each serves at once (`cap`; absent: no cap of its own), `maxParallel` slots of the batch,
 * `batch(seed)` the calls, `target` the highest ratio of its time to the lower bound, `settleMs` what must pass between two runs,
 * `leftOut` the ways that are not measured.
 */
export const shapes = [...oneServerShapes, ...manyServerShapes].sort((a, b) => (a.id < b.id ? -1 : 1));
