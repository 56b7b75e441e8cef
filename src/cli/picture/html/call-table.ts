import { formatCounted, formatMs } from '../../../batch/reply/format-amount.ts';
import { maskSecrets } from '../../../core/text/mask-secrets.ts';
import type { RepliedCall, ShownStatus } from '../../reply/replied-call.ts';
import { hasRun } from '../../reply/replied-call.ts';
import { brushOfStatus } from '../../terminal/paint.ts';
import { escapeMarkup } from '../escape-markup.ts';
import { renderHtmlTable } from './table.ts';
import type { HtmlCell, HtmlRow } from './table.ts';

/** A browser opens these without a pause; `report --json` has all of them. */
const maxRows = 3_000;
/** As many ids as fit into a cell. */
const maxIds = 8;
/** A message is looked at as far as this for what looks secret, and shown as far as a reader reads. */
const [messageChars, shownColumns] = [4_000, 400];

const heads: readonly HtmlCell[] = [
  { html: 'id' },
  { html: 'tool' },
  { html: 'class' },
  { html: 'status' },
  { html: 'applied' },
  { html: 'queued', kind: 'number' },
  { html: 'ran', kind: 'number' },
  { html: 'attempts', kind: 'number' },
  { html: 'waited for' },
  { html: 'error' },
];

/** Every call, and under it the calls for its elements. */
export function renderCallTable(calls: readonly RepliedCall[]): string {
  const rows = calls.flatMap((call): HtmlRow[] => [
    toRow(call),
    ...(call.items ?? []).map((item) => ({ ...toRow(item), isElement: true })),
  ]);
  const rest = rows.length - maxRows;
  const more = `<p class="quiet">${formatCounted(rest, 'more row')}; mcp-marshal report --json has all of them</p>`;
  return renderHtmlTable(heads, rows.slice(0, maxRows)) + (rest > 0 ? more : '');
}

/** What became of a call in words, with the error's code where that says more. */
export function describeError(error: RepliedCall['error'], status: ShownStatus): string {
  if (error === undefined) return '';
  // A text stays one.
  const masked = maskSecrets(error.message.slice(0, messageChars));
  const message = typeof masked === 'string' ? masked : '';
  return [error.code === status ? '' : error.code, message].filter((part) => part !== '').join(': ');
}

function toRow(call: RepliedCall): HtmlRow {
  const { id, tool, class: toolClass = '', reason = '', status, applied = '', attempts, waitedFor, error } = call;
  const more = waitedFor.length > maxIds ? ` and ${waitedFor.length - maxIds} more` : '';
  const notes = [
    call.cached === true ? 'cached' : '',
    call.deduplicatedOf === undefined ? '' : `same as ${call.deduplicatedOf}`,
  ].filter((note) => note !== '');
  const ran = hasRun(call) && status !== 'interrupted';
  const why = reason === '' ? '' : `<br><span class="quiet">${escapeMarkup(reason, 120)}</span>`;
  const tone = brushOfStatus[status];
  return {
    cells: [
      { html: escapeMarkup(id, 40), kind: 'mono' },
      { html: escapeMarkup(tool, 80), kind: 'mono' },
      { html: `${escapeMarkup(toolClass, 20)}${why}` },
      {
        html: escapeMarkup([status, ...notes].join(', '), 80),
        ...(tone !== 'bold' && { tone: tone === 'dim' ? 'quiet' : tone }),
      },
      { html: escapeMarkup(applied, 20), ...(applied === 'unknown' && { tone: 'bad' }) },
      { html: formatMs(call.queuedMs), kind: 'number' },
      { html: ran ? formatMs(call.runMs) : '', kind: 'number' },
      { html: String(attempts), kind: 'number' },
      { html: escapeMarkup(`${waitedFor.slice(0, maxIds).join(', ')}${more}`, 200), kind: 'mono' },
      { html: escapeMarkup(describeError(error, status), shownColumns), kind: 'words' },
    ],
  };
}
