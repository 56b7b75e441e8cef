// Rows one after the other, each on a stage of its own. Those that mostly wait run beside the others: they take no time of the processor.
import { createStage } from './stage.mjs';
import { Fault } from './check.mjs';

const defaultLimitMs = 30_000;
/** How many rows that wait run beside the others. */
const maxPatient = 4;

/** One entry per row and way: { row, way, measured, ok }, in the order of the rows. `onEnd` hears of each as it ends. */
export async function runRows(rows, { program, isLong, onEnd, isInterrupted }) {
  const runs = rows.flatMap((row) => row.ways.map((way) => ({ row, way })));
  const results = new Map();
  const runAll = async (queue) => {
    for (let next = queue.shift(); next !== undefined && !isInterrupted(); next = queue.shift()) {
      const result = await runOne(next, { program, isLong });
      results.set(next, result);
      onEnd(result);
    }
  };
  const patient = runs.filter(({ row }) => row.isPatient);
  const others = runs.filter(({ row }) => !row.isPatient);
  await Promise.all([runAll(others), ...Array.from({ length: maxPatient }, () => runAll(patient))]);
  return runs.flatMap((run) => results.get(run) ?? []);
}

async function runOne({ row, way }, { program, isLong }) {
  const stage = createStage({ program, way, isLong });
  const startMs = performance.now();
  const limitMs = (isLong && row.longLimitMs) || row.limitMs || defaultLimitMs;
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Fault(`not over within ${limitMs / 1000} s`)), limitMs);
  });
  try {
    const running = row.run(stage);
    running.catch(() => {});
    const measured = await Promise.race([running, late]);
    return { row, way, measured, ok: true, tookMs: performance.now() - startMs };
  } catch (error) {
    const measured = error instanceof Fault ? error.message : `mistake of the row: ${error?.stack ?? error}`;
    return { row, way, measured, ok: false, tookMs: performance.now() - startMs };
  } finally {
    clearTimeout(timer);
    await stage.close();
  }
}
