import { formatCounted, formatMs } from '../../batch/reply/format-amount.ts';
import { renderProblem } from '../../core/place.ts';
import { toolClasses } from '../../core/tool.ts';
import type { CheckedServer, CheckReport } from '../check-report.ts';
import { renderDifferences, renderFindings as renderToolFindings } from '../lock/difference-lines.ts';
import type { Paint } from '../terminal/paint.ts';
import { plainLine } from '../terminal/plain-text.ts';
import { fitText } from '../terminal/text-width.ts';

/** More names than this say less than the number does. */
const maxNames = 10;

/** One server as one line, its name padded to `nameWidth`. */
export function renderServer(server: CheckedServer, { nameWidth, paint }: { nameWidth: number; paint: Paint }): string {
  const { name, state, tools, era, connectedMs, reason } = server;
  const brush = state === 'ready' ? paint.good : state === 'unreachable' ? paint.bad : paint.dim;
  const counts = toolClasses.filter((name) => (tools?.[name] ?? 0) > 0).map((name) => `${tools?.[name]} ${name}`);
  if (tools !== undefined && tools.denied > 0) counts.push(`${tools.denied} denied`);
  const parts = [
    tools && `${formatCounted(tools.total, 'tool')}${counts.length > 0 ? ` (${counts.join(', ')})` : ''}`,
    era,
    connectedMs !== undefined && `connected in ${formatMs(connectedMs)}`,
    reason !== undefined && plainLine(reason),
  ].filter((part) => typeof part === 'string');
  return `${fitText(name, nameWidth, '')}  ${brush(state)}  ${parts.join(', ')}`.trimEnd();
}

/** What `check` says after the servers: what is odd, and the sum of it all, with the `told` warnings that stand on stderr already. */
export function renderFindings(report: CheckReport, { paint, told }: { paint: Paint; told: number }): string[] {
  const { servers, warnings } = report;
  // Of a policy that ships with the package a warning says it, with what to do.
  const unruled = servers.flatMap(({ name, unruled = [], policy }) =>
    unruled.length === 0 || policy?.startsWith('builtin:') === true
      ? []
      : [`${name}: ${formatCounted(unruled.length, 'tool')} classed by no rule: ${listNames(unruled)}`],
  );
  const odd = warnings.map((warning) => `${paint.odd('warning:')} ${plainLine(renderProblem(warning))}`);
  const found = renderToolFindings(report.findings, paint);
  const held = report.lock === undefined ? [] : renderLock(report.lock, paint);
  return [...unruled, ...odd, ...found, ...held, renderSum(report, told)];
}

function renderLock({ file, differences }: NonNullable<CheckReport['lock']>, paint: Paint): string[] {
  const refused = differences.filter(({ isQuarantined }) => isQuarantined);
  const shown = renderDifferences(differences, paint);
  if (refused.length === 0) return [...shown, `${file}: nothing is refused`];
  const mend = 'what is listed above is not called until you accept it with mcp-marshal lock --update [NAME]';
  return [...shown, `${file}: ${formatCounted(refused.length, 'difference')}; ${mend}`];
}

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, maxNames).map(plainLine).join(', ');
  return names.length > maxNames ? `${shown}, and ${names.length - maxNames} more` : shown;
}

function renderSum({ file, servers, warnings, findings }: CheckReport, told: number): string {
  const warned = findings.filter(({ level }) => level === 'warning').length;
  const states = ['ready', 'unreachable', 'disabled', 'not asked'] as const;
  const counts = states.flatMap((state) => {
    const count = servers.filter((server) => server.state === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  return `${file}: ${[formatCounted(servers.length, 'server'), ...counts, formatCounted(warnings.length + warned + told, 'warning')].join(', ')}`;
}
