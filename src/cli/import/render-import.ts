import { formatCounted } from '../../batch/reply/format-amount.ts';
import { clientTitles } from '../../clients/client.ts';
import type { ClientReadings, ClientRule, LeftOver } from '../../clients/client.ts';
import { renderPlace, renderProblem } from '../../core/place.ts';
import { plainText } from '../terminal/plain-text.ts';
import { diffLines } from './diff-lines.ts';
import type { PolicyChange } from './plan-changes.ts';

/** A client's settings can hold hundreds of rules about commands; `--json` has them all. */
const maxLeftShown = 40;

/** What was found and what becomes of it, in lines for people. */
export function renderImport(
  readings: Pick<ClientReadings, 'files' | 'problems'>,
  { changes, left }: { changes: readonly PolicyChange[]; left: readonly LeftOver[] },
): string[] {
  return [
    ...readings.problems.map((problem) => `warning: ${renderProblem(problem)}; passed over`),
    `${formatCounted(readings.files.length, 'file')} of clients read`,
    ...changes.flatMap(renderChange),
    ...renderLeft(left),
  ].map((line) => plainText(line.replaceAll('\n', ' ')).trimEnd());
}

function renderChange({ server, policy, rules, known, change, reference, problem }: PolicyChange): string[] {
  const target = change?.path ?? policy ?? 'no policy';
  const there = known === 0 ? '' : `; ${known} there already`;
  const lines = [`${server} (${target}): ${formatCounted(rules.length, 'new rule')}${there}`];
  for (const { list, pattern, by } of rules)
    lines.push(`  ${list} ${pattern}  from ${by.map(renderSource).join(', ')}`);
  if (problem !== undefined) lines.push(`  by hand: ${problem}`);
  if (reference !== undefined) {
    const now = policy === undefined ? 'it has none' : `${policy} ships with mcp-marshal and cannot be edited`;
    lines.push(`  a policy of its own: ${now}; its entry gets policy: ${reference}`);
  }
  if (change?.from !== undefined) lines.push(...diffLines(change.from, change.to).map((line) => `  ${line}`));
  return lines;
}

function renderSource({ client, place }: ClientRule): string {
  return `${clientTitles[client]} ${renderPlace(place)}`;
}

function renderLeft(left: readonly LeftOver[]): string[] {
  if (left.length === 0) return [];
  const lines = left
    .slice(0, maxLeftShown)
    .map(({ place, written, reason }) => `  ${renderPlace(place)} ${written}: ${reason}`);
  const more = left.length - maxLeftShown;
  return [
    `not taken over: ${formatCounted(left.length, 'rule')}`,
    ...lines,
    ...(more > 0 ? [`  and ${more} more; --json has them all`] : []),
  ];
}
