import type { LoggedCall } from '../../../core/journal.ts';
import { nearestNames } from '../../../policy/nearest-names.ts';
import type { CliContext } from '../../context.ts';
import { exitCodes } from '../../failure.ts';
import { toCallRecord } from '../../journal/call-record.ts';
import type { CallFilter, JournalReader } from '../../journal/journal-reader.ts';
import { openJournal } from '../../journal/open-journal.ts';
import { createLogLines } from '../../journal/render/log-lines.ts';
import type { LogLines } from '../../journal/render/log-lines.ts';
import { toCallFilter } from '../../journal/to-call-filter.ts';
import type { Wanted } from '../../journal/to-call-filter.ts';
import { print, printJson, tell } from '../../output.ts';
import { createPaint } from '../../terminal/paint.ts';
import { describeScreen } from '../../terminal/screen.ts';

export interface LogCommand extends Wanted {
  follow?: boolean;
  /** How many calls at most, before it goes on with new ones. */
  lines: number;
  stateDir?: string;
}

/** Prints the newest calls of the journal, the newest last; with `follow` it goes on until it is stopped, or nobody reads it any more. */
export async function log(context: CliContext, { follow, lines, stateDir, ...wanted }: LogCommand): Promise<number> {
  const journal = await openJournal(context, stateDir);
  const { reader } = journal;
  const filter = toCallFilter(journal, wanted);
  if (follow === true) return followCalls(context, { reader, filter, lines });
  const calls = lines === 0 ? [] : reader.calls({ ...filter, limit: lines });
  if (context.json) printJson(context, calls.map(toCallRecord));
  else print(context, openLines(context, { isEndless: false }).draw(calls));
  // What could not be read is told of by itself.
  const isRead = reader.isThere && reader.problems().length === 0;
  if (calls.length === 0 && lines > 0 && isRead) tellNothing(context, { reader, wanted });
  return exitCodes.ok;
}

async function followCalls(
  context: CliContext,
  { reader, filter, lines }: { reader: JournalReader; filter: CallFilter; lines: number },
): Promise<number> {
  const { io, stop } = context;
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  for (const event of ['error', 'close'] as const) io.stdout.once(event, leave);
  const drawn = openLines(context, { isEndless: true });
  const show = (calls: readonly LoggedCall[]): void => {
    // Line by line for programs too: they cannot wait for the end of what has none.
    if (context.json) for (const call of calls) printJson(context, toCallRecord(call));
    else print(context, drawn.draw(calls));
  };
  try {
    if (io.stdout.destroyed) return exitCodes.ok;
    // What is recorded while the past is read comes from both sides, and is shown once.
    let early: LoggedCall[] | undefined = [];
    const shown = new Set<string>();
    const showNew = (calls: readonly LoggedCall[]): void => show(calls.filter((call) => !shown.has(stateOf(call))));
    const following = reader.follow(
      filter,
      (calls) => (early === undefined ? showNew(calls) : void early.push(...calls)),
      AbortSignal.any([stop, gone.signal]),
    );
    const past = lines === 0 ? [] : reader.calls({ ...filter, limit: lines });
    for (const call of past) shown.add(stateOf(call));
    show(past);
    const meanwhile = early;
    early = undefined;
    showNew(meanwhile);
    await following;
    return stop.aborted ? exitCodes.interrupted : exitCodes.ok;
  } finally {
    for (const event of ['error', 'close'] as const) io.stdout.off(event, leave);
  }
}

/** A call is shown again when it has come further. */
function stateOf({ batchId, callId, startedAt, status, isLate }: LoggedCall): string {
  return JSON.stringify([batchId, callId, startedAt, status, isLate]);
}

function openLines(context: CliContext, { isEndless }: { isEndless: boolean }): LogLines {
  const screen = describeScreen(context.io, 'stdout');
  return createLogLines({ ...screen, paint: createPaint(screen), isEndless });
}

/** Names of tools are looked for among this many calls: enough to find a typing mistake. */
const maxLooked = 1_000;

function tellNothing(context: CliContext, { reader, wanted }: { reader: JournalReader; wanted: Wanted }): void {
  const { tool, server } = wanted;
  const isFiltered = Object.values(wanted).some((value) => value !== undefined);
  if (!isFiltered) return tell(context, [`no calls are recorded yet in ${reader.place}`]);
  const recent = tool === undefined ? [] : reader.calls({ ...(server !== undefined && { server }), limit: maxLooked });
  const names = recent.flatMap((call) => [call.tool, `${call.server}__${call.tool}`]);
  const near = tool === undefined || names.includes(tool) ? [] : nearestNames(tool, names);
  tell(context, [`no call is recorded that passes${near.length > 0 ? `; did you mean ${near.join(' or ')}?` : ''}`]);
}
