import { formatCount, formatCounted, formatMs } from '../../batch/reply/format-amount.ts';
import type { LoggedCall } from '../../core/journal.ts';
import { formatDay, formatTime } from '../journal/render/local-time.ts';
import type { ToolTotals } from '../journal/tool-totals.ts';
import { escapeMarkup } from './escape-markup.ts';
import { drawHistory } from './html/draw-history.ts';
import { drawStrip } from './html/draw-strip.ts';
import { renderFacts, renderNote } from './html/facts.ts';
import { renderPage } from './html/page.ts';
import { renderHtmlTable } from './html/table.ts';
import type { HtmlCell, HtmlRow } from './html/table.ts';

/** As many tools as a page can compare; `report --all --json` has all of them. */
const maxTools = 500;

/** What many calls came to. */
export interface CountedCalls {
  calls: readonly LoggedCall[];
  totals: readonly ToolTotals[];
  batches: number;
  /** Said above all: not all calls are counted. */
  note?: string;
}

/** All calls of a journal as one HTML file that needs nothing else: how many when, and for each tool how many and how long. */
export function renderTotalsPage(counted: CountedCalls, { version }: { version: string }): string {
  const { calls, totals, batches, note } = counted;
  const sum = (field: 'ok' | 'errors' | 'unknown' | 'running'): number =>
    totals.reduce((all, total) => all + total[field], 0);
  const title = `${formatCounted(calls.length, 'call')} of ${formatCounted(totals.length, 'tool')}`;
  return renderPage({
    title,
    note: `written by mcp-marshal ${version}; this page loads nothing and runs nothing`,
    body: [
      `<h1>${title}</h1>`,
      `<p class="quiet">${describePeriod(calls)}</p>`,
      renderFacts([
        ['batches', formatCount(batches)],
        ['ok', formatCount(sum('ok'))],
        ['not ok', formatCount(sum('errors'))],
        ['effect unknown', sum('unknown') > 0 ? formatCount(sum('unknown')) : undefined],
        ['still running', sum('running') > 0 ? formatCount(sum('running')) : undefined],
      ]),
      note === undefined ? '' : renderNote(note),
      sum('unknown') > 0 ? renderNote('effect unknown: see mcp-marshal log --status unknown', { isBad: true }) : '',
      calls.length > 0 ? `<figure class="wide">${drawHistory(calls)}</figure>` : '',
      totals.length > 0 ? `<h2>Tools</h2>\n${renderTools(totals)}` : '',
    ],
  });
}

function describePeriod(calls: readonly LoggedCall[]): string {
  if (calls.length === 0) return 'no calls are recorded';
  const firstAt = calls.reduce((first, { startedAt }) => Math.min(first, startedAt), Infinity);
  const lastAt = calls.reduce((last, { startedAt }) => Math.max(last, startedAt), 0);
  const at = (ms: number): string => `${formatDay(ms)} ${formatTime(ms).slice(0, 8)}`;
  return `from ${at(firstAt)} to ${at(lastAt)}`;
}

function renderTools(totals: readonly ToolTotals[]): string {
  const shown = totals.slice(0, maxTools);
  const most = {
    calls: Math.max(...shown.map(({ calls }) => calls)),
    timeMs: Math.max(1, ...shown.map(({ p95Ms = 0 }) => p95Ms)),
  };
  const heads: HtmlCell[] = [
    { html: 'tool' },
    { html: 'calls', kind: 'number' },
    { html: 'not ok', kind: 'number' },
    { html: 'calls, and of them not ok' },
    { html: 'p50', kind: 'number' },
    { html: 'p95', kind: 'number' },
    { html: 'p50, and up to p95' },
  ];
  const rest = totals.length - shown.length;
  const more = rest > 0 ? `<p class="quiet">and ${formatCounted(rest, 'more tool')}</p>` : '';
  return (
    renderHtmlTable(
      heads,
      shown.map((total) => toRow(total, most)),
    ) + more
  );
}

function toRow(total: ToolTotals, most: { calls: number; timeMs: number }): HtmlRow {
  const { server, tool, calls, errors, p50Ms, p95Ms } = total;
  const share = (part: number, whole: number): number => part / whole;
  return {
    cells: [
      { html: escapeMarkup(`${server}__${tool}`, 80), kind: 'mono' },
      { html: formatCount(calls), kind: 'number' },
      { html: formatCount(errors), kind: 'number', ...(errors > 0 && { tone: 'bad' }) },
      {
        html: drawStrip([
          { share: share(calls, most.calls), tone: 'all' },
          { share: share(errors, most.calls), tone: 'failed' },
        ]),
      },
      { html: p50Ms === undefined ? '-' : formatMs(p50Ms), kind: 'number' },
      { html: p95Ms === undefined ? '-' : formatMs(p95Ms), kind: 'number' },
      {
        html: drawStrip([
          { share: share(p95Ms ?? 0, most.timeMs), tone: 'half' },
          { share: share(p50Ms ?? 0, most.timeMs), tone: 'all' },
        ]),
      },
    ],
  };
}
