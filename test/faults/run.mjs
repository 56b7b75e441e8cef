// `npm run faults`: the real program among servers and clients that misbehave. Prints a line per row as it ends, then the table with the
// measured figures; ends with 1 if any row failed.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseOptions, usage } from './harness/run/options.mjs';
import { runRows } from './harness/run/run-rows.mjs';
import { renderResult, renderTable } from './harness/run/table.mjs';
import { rows } from './rows/all-rows.mjs';

const options = parseOptions(process.argv.slice(2));
if ('problem' in options) {
  process.stderr.write(`${options.problem}\n${usage}`);
  process.exit(options.problem === '' ? 0 : 2);
}
const program = String(options.program ?? fileURLToPath(new URL('../../dist/main.js', import.meta.url)));
if (!existsSync(program)) {
  process.stderr.write(`${program} is not there; npm run build makes it\n`);
  process.exit(2);
}

const interruption = new AbortController();
const interrupted = interruption.signal;
for (const name of ['SIGINT', 'SIGTERM']) {
  process.on(name, () => {
    // What runs ends what it started; a second signal waits for nobody.
    if (interrupted.aborted) process.exit(130);
    interruption.abort();
  });
}

process.exit(await run());

async function run() {
  if (options.isChaos) return (await import('./chaos/run-chaos.mjs')).runChaos({ ...options, program, interrupted });
  if (options.soakMs !== undefined)
    return (await import('./soak/run-soak.mjs')).runSoak({ ...options, program, interrupted });
  const wanted = rows.map((row) => ({
    ...row,
    ways: row.ways.filter(({ transport }) => options.transport === undefined || transport === options.transport),
  }));
  const chosen = wanted.filter(
    ({ id, ways }) => ways.length > 0 && (options.only === undefined || options.only.includes(id)),
  );
  if (chosen.length === 0) {
    process.stderr.write(`no row of these; there are ${[...new Set(rows.map(({ id }) => id))].join(', ')}\n`);
    return 2;
  }
  const startMs = performance.now();
  const onEnd = (result) => void process.stderr.write(`${renderResult(result)}\n`);
  const results = await runRows(chosen, {
    program,
    isLong: options.isLong,
    isAgain: options.isAgain,
    onEnd,
    interrupted,
  });
  const failed = results.filter(({ ok }) => !ok);
  process.stdout.write(`${renderTable(results, options)}\n`);
  process.stdout.write(
    `\n${results.length - failed.length} of ${results.length} ok in ${Math.round((performance.now() - startMs) / 1000)} s\n`,
  );
  if (interrupted.aborted) return 130;
  return failed.length === 0 ? 0 : 1;
}
