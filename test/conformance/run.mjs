// The official conformance suite against the fixture, and again through the proxy in front of it: over HTTP and as a stdio program, in both frozen
// sets. Prints both side by side. Exit 1 where a required check that the fixture passes does not pass through, where the fixture itself fails one,
// or where a run made no check; 2 for arguments that make no sense.
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareChecks } from './suite/compare-checks.mjs';
import { explanations } from './suite/explanations.mjs';
import { parseOptions, usage } from './suite/options.mjs';
import { createPrograms } from './suite/programs.mjs';
import { renderReport } from './suite/render-report.mjs';
import { findSuite, runSuite } from './suite/run-suite.mjs';
import { sumUp } from './suite/sum-up.mjs';

// As many cores as CI has.
const runsAtATime = 2;

const pathOf = (path) => fileURLToPath(new URL(path, import.meta.url));
const print = (text) => process.stdout.write(`${text}\n`);

const options = parseOptions(process.argv.slice(2));
if ('problem' in options) {
  process.stderr.write(`${options.problem}\n\n${usage}`);
  process.exit(2);
}

const programs = createPrograms();
// The real path: the temporary folder is a link on some systems.
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'marshal-conformance-')));
const resultsDir = options.resultsDir === undefined ? join(folder, 'results') : resolve(options.resultsDir);
let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, interrupt);

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  if (!isInterrupted) process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  await close();
}

async function main() {
  const suite = await findSuite(programs, { cwd: folder });
  print(
    `suite ${suite.version} on Node ${suite.nodeVersion}, fixture and proxy on Node ${process.version}, ${runsAtATime} runs at a time`,
  );
  print(
    'each run with a fixture and a proxy of its own, on loopback; checks compared by scenario, id and occurrence\n',
  );

  const planned = options.sets.flatMap((set) => ['direct', ...options.targets].map((target) => ({ set, target })));
  const made = await runAll(planned, suite);
  if (isInterrupted) return false;
  const runs = compareAll(made);
  print(renderReport(runs));
  return runs.every(isGood);
}

/** Runs in the order planned, a few at a time. One that fails says why; the others go on. */
async function runAll(planned, suite) {
  const runs = [];
  const next = planned.entries();
  const work = async () => {
    for (const [i, { set, target }] of next) {
      const ownDir = join(resultsDir, set, target);
      // What an earlier run left there would be read as this one's.
      rmSync(ownDir, { recursive: true, force: true });
      try {
        const url = await startTarget(target, `${set}-${target}`);
        const result = await runSuite(programs, { suite, url, set, resultsDir: ownDir });
        runs[i] = { set, target, ...result };
      } catch (error) {
        runs[i] = { set, target, failure: error.message };
      }
      if (isInterrupted) return;
    }
  };
  await Promise.all(Array.from({ length: runsAtATime }, work));
  return runs;
}

function compareAll(runs) {
  return runs.map((run) => {
    const direct = runs.find(({ set, target }) => set === run.set && target === 'direct');
    if (run === direct || run.rows === undefined || direct.rows === undefined) return run;
    // They speak of the proxy; any other server is held to every check.
    const isProxy = run.target !== 'url';
    return { ...run, differences: compareChecks(direct.rows, run.rows, { explanations: isProxy ? explanations : [] }) };
  });
}

function isGood({ target, rows, failure, differences = [] }) {
  if (failure !== undefined) return false;
  if (target === 'direct') return sumUp(rows).requiredFailed === 0;
  return !differences.some(({ kind, isRequired }) => kind === 'lost' && isRequired);
}

/** Starts what a run is made against, and resolves with its address. */
async function startTarget(target, name) {
  if (target === 'url') return options.url;
  if (target === 'stdio') return startProxy(name, { command: process.execPath, args: [pathOf('fixture/stdio.mjs')] });
  const url = await programs.start([pathOf('fixture/http.mjs')], {
    from: 'stdout',
    pick: (line) => line.url,
    cwd: folder,
  });
  return target === 'direct' ? url : startProxy(name, { url });
}

function startProxy(name, server) {
  const config = join(folder, `${name}.json`);
  const stateDir = join(folder, `${name}-state`);
  writeFileSync(config, JSON.stringify({ version: 1, naming: 'bare', stateDir, servers: { fixture: server } }));
  const args = [pathOf('../../dist/main.js'), 'serve', '--http', '127.0.0.1:0', '--no-auth', '--config', config];
  const pick = ({ msg, url }) => (msg === 'listening' ? url : undefined);
  return programs.start(args, { from: 'stderr', pick, cwd: folder });
}

async function close() {
  await programs.endAll();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

function interrupt() {
  isInterrupted = true;
  void close().then(() => process.exit(130));
}
