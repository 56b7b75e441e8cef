// The official suite: found once, run against an address, its results read from the files that it writes.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const suitePackage = '@modelcontextprotocol/conformance@0.2.0-alpha.12';
// The suite needs Node 22; with an older one, npm fetches it beside the suite.
const suiteNodeMajor = 22;
// Fetching it, the first time on a machine.
const findLimitMs = 180_000;
// A run takes a few seconds; one whose every scenario times out would take half an hour.
const runLimitMs = 180_000;

/** Finds the suite and its Node through npm: `{ node, script, nodeVersion, version }`. Rejects where npm cannot. */
export async function findSuite(programs, { cwd }) {
  const ownMajor = Number(process.versions.node.split('.')[0]);
  const packages = [...(ownMajor < suiteNodeMajor ? [`node@${suiteNodeMajor}`] : []), suitePackage];
  const look = 'node -p process.execPath && command -v conformance && node -v && conformance --version';
  const args = ['-y', ...packages.flatMap((name) => ['-p', name]), '-c', look];
  const { code, stdout, stderr } = await programs.run('npx', args, { cwd, limitMs: findLimitMs });
  const [node, script, nodeVersion, version] = stdout.trim().split('\n');
  if (code !== 0 || version === undefined) throw new Error(`npx ${args.join(' ')} found no suite\n${stderr}`);
  return { node, script, nodeVersion, version };
}

/**
 * Runs one frozen set against an address. Resolves with `{ rows, seconds }`, a row for each check in the order in which it was made, and whether the
 * set requires its scenario. Rejects where the suite does not end in time or made no check.
 */
export async function runSuite(programs, { suite, url, set, resultsDir }) {
  const startedMs = performance.now();
  const args = [suite.script, 'server', '--url', url, '--requirements', set, '-o', resultsDir];
  const { isLate, stdout, stderr } = await programs.run(suite.node, args, { limitMs: runLimitMs });
  if (isLate) throw new Error(`the suite did not end within ${runLimitMs / 1000} s`);
  const rows = await readRows(resultsDir, { optional: readNotScored(stdout) });
  if (rows.length === 0) throw new Error(`the suite made no check\n${stderr}`);
  return { rows, seconds: (performance.now() - startedMs) / 1000 };
}

/** The scenarios that the suite says it ran without scoring them. Where it says nothing, every scenario counts. */
function readNotScored(output) {
  const [, section = ''] = output.split('Not scored for ');
  return new Set([...section.matchAll(/^ +[✓✗] (\S+) \(/gm)].map(([, scenario]) => scenario));
}

// A scenario that could not be run leaves no file, and so differs from one that could.
async function readRows(resultsDir, { optional }) {
  const rows = [];
  const folders = await readdir(resultsDir).catch(() => []);
  for (const folder of folders.toSorted((a, b) => (a < b ? -1 : 1))) {
    const scenario = /^server-(.+)-\d{4}-\d{2}-\d{2}T[\d-]+Z$/.exec(folder)?.[1];
    if (scenario === undefined) continue;
    const checks = JSON.parse(await readFile(join(resultsDir, folder, 'checks.json'), 'utf8'));
    for (const { id, status, errorMessage, details } of checks) {
      const message = errorMessage ?? (status === 'SUCCESS' ? undefined : (details?.message ?? details?.note));
      rows.push({ scenario, id, status, message, isRequired: !optional.has(scenario) });
    }
  }
  return rows;
}
