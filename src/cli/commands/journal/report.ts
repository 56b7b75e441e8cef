import type { CliContext } from '../../context.ts';
import { exitCodes, usageFailure } from '../../failure.ts';
import { reportBatch } from '../../journal/batch-report.ts';
import { toReportRecord } from '../../journal/report-record.ts';
import { findBatch } from '../../journal/find-batch.ts';
import type { JournalReader } from '../../journal/journal-reader.ts';
import { openJournal } from '../../journal/open-journal.ts';
import { renderReport } from '../../journal/render/report-lines.ts';
import { renderTotals } from '../../journal/render/totals-lines.ts';
import { totalTools } from '../../journal/tool-totals.ts';
import { print, printJson, tell } from '../../output.ts';
import { createPaint } from '../../terminal/paint.ts';
import { plainLine } from '../../terminal/plain-text.ts';
import { describeScreen } from '../../terminal/screen.ts';

export interface ReportCommand {
  /** The id, or how it begins; the last batch where it is absent. */
  batch?: string | undefined;
  /** Totals of all calls instead. */
  all?: boolean;
  /** The same, from this moment on, in milliseconds since the epoch. */
  since?: number;
  stateDir?: string;
}

/** Totals need every call in memory; more than this are no longer read, and it is said. */
const maxCounted = 100_000;

/** Shows what became of a batch, or of all calls. */
export async function report(context: CliContext, { batch, all, since, stateDir }: ReportCommand): Promise<number> {
  const isTotal = all === true || since !== undefined;
  if (isTotal && batch !== undefined) {
    const option = all === true ? '--all' : '--since';
    throw usageFailure(`${option} is about all batches, and "${batch}" is one`, 'leave out one of them');
  }
  const { reader } = await openJournal(context, stateDir);
  if (isTotal) reportAll(context, { reader, since });
  else reportOne(context, { reader, batch });
  return exitCodes.ok;
}

function reportOne(context: CliContext, { reader, batch }: { reader: JournalReader; batch: string | undefined }): void {
  const found = batch === undefined ? reader.batches({ limit: 1 })[0] : findBatch(reader, batch);
  if (found === undefined) {
    if (reader.isThere) tell(context, [`no batch is recorded yet in ${reader.place}`]);
    if (context.json) printJson(context, null);
    return;
  }
  const shown = reportBatch(found, { calls: reader.callsOf(found.batchId), now: Date.now() });
  tell(
    context,
    shown.warnings.map((warning) => `warning: ${plainLine(warning)}`),
  );
  const screen = describeScreen(context.io, 'stdout');
  if (context.json) printJson(context, toReportRecord(shown));
  else print(context, renderReport(shown, { ...screen, paint: createPaint(screen) }));
}

function reportAll(context: CliContext, { reader, since }: { reader: JournalReader; since: number | undefined }): void {
  const filter = { limit: maxCounted, ...(since !== undefined && { since }) };
  const calls = reader.calls(filter);
  const batches = new Set(calls.flatMap(({ batchId }) => batchId ?? [])).size;
  const totals = totalTools(calls);
  if (calls.length === maxCounted) {
    tell(context, [
      `only the newest ${maxCounted.toLocaleString('en-US')} calls are counted; --since says from when on`,
    ]);
  }
  const firstAt = calls.reduce((first, { startedAt }) => Math.min(first, startedAt), Infinity);
  if (context.json) {
    const [from] = calls.length > 0 ? [new Date(firstAt).toISOString()] : [];
    printJson(context, { ...(from !== undefined && { from }), calls: calls.length, batches, tools: totals });
    return;
  }
  const screen = describeScreen(context.io, 'stdout');
  print(context, renderTotals(totals, { ...screen, paint: createPaint(screen), batches, firstAt }));
  if (calls.length === 0 && reader.isThere)
    tell(context, [`no calls are recorded${since === undefined ? ' yet' : ' since then'}`]);
}
