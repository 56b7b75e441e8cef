// Rows one after the other, each on a stage of its own. Those that mostly wait run beside the others: they take no time of the processor.
// Where a row has a second chance, two run at a time, but for those that load the machine.
import { createStage } from '../stage.mjs';
import { Fault } from '../check.mjs';

const defaultLimitMs = 30_000;
/** How many rows that wait run beside the others. */
const maxPatient = 6;

/** One entry per row and way: { row, way, measured, ok }, in the order of the rows. `onEnd` hears of each as it ends. */
export async function runRows(rows, { program, isLong, isAgain, onEnd, interrupted }) {
  const runs = rows.flatMap((row) => row.ways.map((way) => ({ row, way })));
  const results = new Map();
  const runAll = async (queue) => {
    for (let next = queue.shift(); next !== undefined && !interrupted.aborted; next = queue.shift()) {
      const result = await runOne(next, { program, isLong, interrupted });
      results.set(next, result);
      // What comes again is told then.
      if (result.ok || !isAgain) onEnd(result);
    }
  };
  // Those first that may take longest, so that nothing is left to wait for at the end.
  const patient = runs
    .filter(({ row }) => row.isPatient)
    .toSorted((one, other) => limitOf(other.row, isLong) - limitOf(one.row, isLong));
  const others = runs.filter(({ row }) => !row.isPatient && !(isAgain && row.isLoud));
  const loud = isAgain ? runs.filter(({ row }) => !row.isPatient && row.isLoud) : [];
  const workers = isAgain ? 2 : 1;
  await Promise.all([
    ...Array.from({ length: workers }, () => runAll(others)),
    ...Array.from({ length: maxPatient }, () => runAll(patient)),
  ]);
  await runAll(loud);
  if (isAgain) {
    // A machine with much else to do makes times what they are not: those rows get a second chance, and the table says so.
    for (const [run, { ok, measured }] of results) {
      if (ok || interrupted.aborted) continue;
      const second = await runOne(run, { program, isLong, interrupted });
      results.set(
        run,
        second.ok ? { ...second, measured: `${second.measured} (second run; first: ${measured})` } : second,
      );
      onEnd(results.get(run));
    }
  }
  return runs.flatMap((run) => results.get(run) ?? []);
}

const limitOf = (row, isLong) => (isLong && row.longLimitMs) || row.limitMs || defaultLimitMs;

async function runOne({ row, way }, { program, isLong, interrupted }) {
  const stage = createStage({ program, way, isLong });
  const startMs = performance.now();
  const limitMs = limitOf(row, isLong);
  let timer;
  let interrupt;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Fault(`not over within ${limitMs / 1000} s`)), limitMs);
    interrupt = () => reject(new Fault('interrupted'));
    interrupted.addEventListener('abort', interrupt);
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
    interrupted.removeEventListener('abort', interrupt);
    await stage.close();
  }
}
