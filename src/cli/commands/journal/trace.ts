import type { CliContext } from '../../context.ts';
import { CliFailure, exitCodes } from '../../failure.ts';
import { reportBatch } from '../../journal/batch-report.ts';
import { findBatch } from '../../journal/find-batch.ts';
import { openJournal } from '../../journal/open-journal.ts';
import { tell } from '../../output.ts';
import { openTraceFile } from '../../trace/open-trace-file.ts';
import { renderTrace } from '../../trace/render-trace.ts';
import { toTrace } from '../../trace/to-trace.ts';

export interface TraceCommand {
  /** The id, or how it begins. */
  batch: string;
  /** `-` or absent: stdout. */
  output?: string;
  stateDir?: string;
}

/** Writes the Chrome trace of a batch that was recorded. */
export async function trace(context: CliContext, { batch, output, stateDir }: TraceCommand): Promise<number> {
  const { io } = context;
  const isFile = output !== undefined && output !== '-';
  const file = isFile ? await openTraceFile(output, { cwd: io.cwd, option: '--output' }) : undefined;
  const { reader } = await openJournal(context, stateDir);
  const found = findBatch(reader, batch);
  const { calls, timing } = reportBatch(found, { calls: reader.callsOf(found.batchId), now: Date.now() });
  const drawn = toTrace({ batchId: found.batchId, calls, timing });
  if (file === undefined) {
    io.stdout.write(renderTrace(drawn));
    return exitCodes.ok;
  }
  try {
    await file.write(drawn);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliFailure(`the trace could not be written to ${output}: ${reason}`, {
      exitCode: exitCodes.unexpected,
      code: 'internal',
      fix: 'name a file that can',
    });
  }
  tell(context, [`trace written to ${output}; open it in Perfetto or chrome://tracing`]);
  return exitCodes.ok;
}
