// The report of all runs, as text. Pure.
import { sumUp } from './sum-up.mjs';

const columns = [
  'set',
  'target',
  'checks passed',
  'failed',
  'warned',
  'required passed',
  'failed',
  'required scenarios',
  'seconds',
];

/** A table with a line for each run, and beneath it every check that differs from the direct run, and every run that failed. */
export function renderReport(runs) {
  const lines = runs
    .filter(({ failure }) => failure === undefined)
    .map(({ set, target, rows, seconds }) => {
      const sum = sumUp(rows);
      return [
        set,
        target,
        sum.passed,
        sum.failed,
        sum.warned,
        sum.requiredPassed,
        sum.requiredFailed,
        `${sum.scenariosPassed}/${sum.scenarios}`,
        seconds.toFixed(1),
      ].map(String);
    });
  return [...renderTable([columns, ...lines]), '', ...runs.flatMap(renderRun)].join('\n');
}

function renderTable(lines) {
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  return lines.map((line) =>
    line.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
  );
}

function renderRun({ set, target, failure, differences }) {
  const title = `${set} ${target}`;
  if (failure !== undefined) return [`${title} failed: ${failure}`];
  if (differences === undefined) return [];
  const counts = ['lost', 'gained', 'explained'].map(
    (kind) => `${differences.filter((one) => one.kind === kind).length} ${kind}`,
  );
  const heading = differences.length === 0 ? `${title}: no differences` : `${title}: ${counts.join(', ')}`;
  return [heading, ...differences.flatMap(renderDifference)];
}

function renderDifference({ kind, scenario, id, occurrence, isRequired, from, to, message }) {
  const name = `${scenario} ${id}${occurrence > 1 ? ` (occurrence ${occurrence})` : ''}`;
  const line = `  ${kind}${isRequired ? ' (required)' : ''}: ${name}: ${from} directly, ${to} here`;
  return message === undefined ? [line] : [line, `    ${message.replaceAll('\n', '\n    ')}`];
}
