import type { CliContext } from '../../context.ts';
import { CliFailure, exitCodes, usageFailure } from '../../failure.ts';
import { packageVersion } from '../../../lib/version.ts';
import { reportBatch } from '../../journal/batch-report.ts';
import { toReportRecord } from '../../journal/report-record.ts';
import { findBatch } from '../../journal/find-batch.ts';
import type { JournalReader } from '../../journal/journal-reader.ts';
import { openJournal } from '../../journal/open-journal.ts';
import { renderReport } from '../../journal/render/report-lines.ts';
import { renderTotals } from '../../journal/render/totals-lines.ts';
import { totalTools } from '../../journal/tool-totals.ts';
import { openBatchFiles } from '../../output/batch-files.ts';
import type { BatchFile } from '../../output/batch-files.ts';
import { openOutputFile } from '../../output/open-output-file.ts';
import type { OutputFile } from '../../output/open-output-file.ts';
import { print, printJson, tell } from '../../output.ts';
import { renderBatchPage } from '../../picture/batch-page.ts';
import { renderTotalsPage } from '../../picture/totals-page.ts';
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
  /** Where to draw when each call of the batch ran. */
  svg?: string;
  /** Where to write the same as a page that stands alone. */
  html?: string;
}

/** Totals need every call in memory; more than this are no longer read, and it is said. */
const maxCounted = 100_000;

/** Shows what became of a batch, or of all calls; and writes it to the files named, besides. */
export async function report(
  context: CliContext,
  { batch, all, since, stateDir, svg, html }: ReportCommand,
): Promise<number> {
  const isTotal = all === true || since !== undefined;
  const option = all === true ? '--all' : '--since';
  if (isTotal && batch !== undefined) {
    throw usageFailure(`${option} is about all batches, and "${batch}" is one`, 'leave out one of them');
  }
  if (isTotal && svg !== undefined) {
    throw usageFailure(`${option} is about all batches, and --svg draws one`, 'write --html for all of them');
  }
  const { cwd } = context.io;
  const files: ReportFiles = {
    drawings: await openBatchFiles({ svg }, { cwd }),
    ...(html !== undefined && { page: { named: html, file: await openOutputFile(html, { cwd, ...pageKind }) } }),
  };
  const { reader } = await openJournal(context, stateDir);
  if (isTotal) await reportAll(context, { reader, since, files });
  else await reportOne(context, { reader, batch, files });
  return exitCodes.ok;
}

const pageKind = { option: '--html', noun: 'the report', example: 'report.html' };

interface ReportFiles {
  drawings: readonly BatchFile[];
  page?: { named: string; file: OutputFile };
}

interface Reported {
  reader: JournalReader;
  files: ReportFiles;
}

async function reportOne(
  context: CliContext,
  { reader, files, batch }: Reported & { batch: string | undefined },
): Promise<void> {
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
  // Before anything is printed: with --json stdout has room for one object, the data or the error.
  const { batchId, calls: total } = found;
  const { calls, timing } = shown;
  for (const { named, noun, write } of files.drawings) {
    await written(context, { named, noun, write: () => write({ batchId, calls, timing, total }) });
  }
  await writePage(context, files, () => renderBatchPage(shown, { version: packageVersion() }));
  const screen = describeScreen(context.io, 'stdout');
  if (context.json) printJson(context, toReportRecord(shown));
  else print(context, renderReport(shown, { ...screen, paint: createPaint(screen) }));
}

async function reportAll(
  context: CliContext,
  { reader, since, files }: Reported & { since: number | undefined },
): Promise<void> {
  const filter = { limit: maxCounted, ...(since !== undefined && { since }) };
  const calls = reader.calls(filter);
  const batches = new Set(calls.flatMap(({ batchId }) => batchId ?? [])).size;
  const totals = totalTools(calls);
  const isCut = calls.length === maxCounted;
  const note = `only the newest ${maxCounted.toLocaleString('en-US')} calls are counted; --since says from when on`;
  if (isCut) tell(context, [note]);
  const counted = { calls, totals, batches, ...(isCut && { note }) };
  await writePage(context, files, () => renderTotalsPage(counted, { version: packageVersion() }));
  const firstAt = calls.reduce((first, { startedAt }) => Math.min(first, startedAt), Infinity);
  if (context.json) {
    const [from] = calls.length > 0 ? [new Date(firstAt).toISOString()] : [];
    printJson(context, { ...(from !== undefined && { from }), calls: calls.length, batches, tools: totals });
  } else {
    const screen = describeScreen(context.io, 'stdout');
    print(context, renderTotals(totals, { ...screen, paint: createPaint(screen), batches, firstAt }));
    if (calls.length === 0 && reader.isThere)
      tell(context, [`no calls are recorded${since === undefined ? ' yet' : ' since then'}`]);
  }
}

async function writePage(context: CliContext, { page }: ReportFiles, render: () => string): Promise<void> {
  if (page === undefined) return;
  const { named, file } = page;
  await written(context, { named, noun: pageKind.noun, write: () => file.write(render()) });
}

/** Writes, and says so. Throws a failure where the file system will not have it. */
async function written(
  context: CliContext,
  { named, noun, write }: { named: string; noun: string; write: () => Promise<void> },
): Promise<void> {
  try {
    await write();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliFailure(`${noun} could not be written to ${named}: ${reason}`, {
      exitCode: exitCodes.unexpected,
      code: 'internal',
      fix: 'name a file that can',
    });
  }
  if (!context.json) tell(context, [`${noun.replace('the ', '')} written to ${named}`]);
}
