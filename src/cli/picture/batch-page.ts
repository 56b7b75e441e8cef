import { formatCount, formatCounted, formatMs } from '../../batch/reply/format-amount.ts';
import type { BatchReport } from '../journal/batch-report.ts';
import { formatDay, formatTime } from '../journal/render/local-time.ts';
import type { RepliedCall } from '../reply/replied-call.ts';
import { escapeMarkup } from './escape-markup.ts';
import { renderGanttSvg } from './gantt-svg.ts';
import { describeError, renderCallTable } from './html/call-table.ts';
import { renderFacts, renderNote } from './html/facts.ts';
import { renderPage } from './html/page.ts';
import { renderHtmlTable } from './html/table.ts';

/** What a person can look after, or read. */
const maxListed = 50;

/** A batch after the fact as one HTML file that needs nothing else: first what somebody must look after, then the picture and all calls. */
export function renderBatchPage(report: BatchReport, { version }: { version: string }): string {
  const { batch, calls, timing } = report;
  const title = `batch ${batch.batchId}: ${formatCounted(batch.calls, 'call')}`;
  const picture = renderGanttSvg({ batchId: batch.batchId, calls, timing, total: batch.calls });
  return renderPage({
    title,
    note: `written by mcp-marshal ${version}; this page loads nothing and runs nothing`,
    body: [
      `<h1>${escapeMarkup(title, 120)}</h1>`,
      `<p class="quiet">${describe(report)}</p>`,
      renderFacts(factsOf(report)),
      ...notesOf(report),
      calls.length > 0 ? `<figure class="wide">${picture}</figure>` : '',
      ...renderCriticalPath(report),
      calls.length > 0 ? `<h2>Calls</h2>\n${renderCallTable(calls)}` : '',
      ...renderServers(calls),
    ],
  });
}

const endings = {
  completed: 'completed',
  cancelled: 'cancelled',
  running: 'still running when this was written',
  interrupted: 'interrupted, since the process that ran it ended',
};

function describe({ batch: { status, acceptedAt, tool, principal } }: BatchReport): string {
  const local = `${formatDay(acceptedAt)} ${formatTime(acceptedAt).slice(0, 8)}`;
  const time = `<time datetime="${new Date(acceptedAt).toISOString()}">${local}</time>`;
  return `${endings[status]}; accepted ${time}, ${escapeMarkup(`${tool} of ${principal}`, 120)}`;
}

function factsOf({ counts, timing }: BatchReport): [string, string | undefined][] {
  const { wallMs, isOpen, serialMs, lowerBoundMs, bound, peakParallel } = timing;
  const isFaster = isOpen === undefined && wallMs > 0 && serialMs > wallMs;
  const best = lowerBoundMs === undefined || lowerBoundMs === 0 ? undefined : formatMs(lowerBoundMs);
  return [
    [isOpen === true ? 'at least' : 'took', formatMs(wallMs)],
    ['one by one', formatMs(serialMs)],
    ['times as fast', isFaster ? (serialMs / wallMs).toFixed(1) : undefined],
    [`at best${bound === undefined ? '' : ` (${bound})`}`, best],
    ['at once, at most', formatCount(peakParallel)],
    ...counts.map(([status, count]): [string, string] => [status.replace('_', ' '), formatCount(count)]),
  ];
}

function notesOf({ unknown, late, unrecorded = 0, warnings }: BatchReport): string[] {
  const item = ({ id, tool, status, error }: RepliedCall): string =>
    `<code>${escapeMarkup(`${id} ${tool}`, 120)}</code> ${escapeMarkup(`${status} ${describeError(error, status)}`, 300)}`;
  return [
    unknown.length === 0
      ? ''
      : renderNote(
          `effect unknown: ${formatCounted(unknown.length, 'call')} went out, may have changed something, and nobody learnt the end. See what has been done before anything is sent again.`,
          { isBad: true, list: unknown.slice(0, maxListed).map(item) },
        ),
    late.length === 0
      ? ''
      : renderNote(`learnt late, of ${formatCounted(late.length, 'call')} whose effect had been unknown:`, {
          list: late
            .slice(0, maxListed)
            .map(({ id, status, applied }) => escapeMarkup(`${id}: ${status} after all, applied: ${applied}`, 120)),
        }),
    unrecorded === 0 ? '' : renderNote(`${formatCounted(unrecorded, 'call')} left no record: never sent, or not ended`),
    ...warnings.slice(0, maxListed).map((warning) => renderNote(`warning: ${warning}`)),
  ];
}

function renderCriticalPath({ timing, calls }: BatchReport): string[] {
  const { criticalPath = [] } = timing;
  if (criticalPath.length === 0) return [];
  const byId = new Map(calls.flatMap((call) => [call, ...(call.items ?? [])]).map((call) => [call.id, call]));
  const steps = criticalPath.slice(0, maxListed).map((id) => {
    const call = byId.get(id);
    const words = call === undefined ? id : `${id} ${call.tool}`;
    return `<li><code>${escapeMarkup(words, 120)}</code>${call === undefined ? '' : ` ${formatMs(call.runMs)}`}</li>`;
  });
  const rest = criticalPath.length - maxListed;
  return [
    `<h2>Critical path</h2>\n<p class="quiet">The longest chain of calls: the batch cannot be faster than it.</p>`,
    `<ol>${steps.join('')}</ol>${rest > 0 ? `<p class="quiet">and ${formatCounted(rest, 'more call')}</p>` : ''}`,
  ];
}

/** What the calls of each server come to. */
function renderServers(calls: readonly RepliedCall[]): string[] {
  const groups = new Map<string, RepliedCall[]>();
  for (const call of calls) groups.set(call.server ?? '', [...(groups.get(call.server ?? '') ?? []), call]);
  if (calls.length === 0) return [];
  const number = (html: string): { html: string; kind: 'number' } => ({ html, kind: 'number' });
  const rows = [...groups].map(([server, own]) => ({
    cells: [
      { html: server === '' ? 'none' : escapeMarkup(server, 80) },
      number(formatCount(own.length)),
      number(formatCount(own.filter(({ status }) => status !== 'ok').length)),
      number(formatMs(own.flatMap((call) => call.items ?? [call]).reduce((sum, { runMs }) => sum + runMs, 0))),
    ],
  }));
  const heads = [{ html: 'server' }, number('calls'), number('not ok'), number('ran')];
  return [`<h2>Servers</h2>\n${renderHtmlTable(heads, rows)}`];
}
