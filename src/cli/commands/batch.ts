import { formatCounted } from '../../batch/reply/format-amount.ts';
import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { awaitUpstreams } from '../proxy/await-upstreams.ts';
import { followBatch } from '../proxy/follow-batch.ts';
import { askAtTerminal } from '../approvals/ask-at-terminal.ts';
import { readReply } from '../batch-reply.ts';
import type { RepliedBatch } from '../batch-reply.ts';
import type { CliContext } from '../context.ts';
import { CliFailure, exitCodes, usageFailure } from '../failure.ts';
import { openConfig, openProxy, tellWarnings } from '../proxy/open-proxy.ts';
import { openBatchFiles } from '../output/batch-files.ts';
import type { BatchFile } from '../output/batch-files.ts';
import { print, printJson, tell } from '../output.ts';
import { probeStateDir } from '../probe-state-dir.ts';
import { readBatch } from '../input/read-batch.ts';
import { reportHint } from '../journal/report-hint.ts';
import { renderCalls } from '../render/call-lines.ts';
import { renderGantt } from '../render/gantt.ts';
import { renderPlanChart } from '../plan/plan-chart.ts';
import { fateOf } from '../plan/planned-row.ts';
import { createPaint } from '../terminal/paint.ts';
import { plainLine, plainText } from '../terminal/plain-text.ts';
import { describeScreen } from '../terminal/screen.ts';
import type { Screen } from '../terminal/screen.ts';
import { wrapText } from '../terminal/wrap-text.ts';

export interface BatchCommand {
  /** JSON or YAML; `-` or absent: stdin. */
  file: string | undefined;
  /** As `batch_read`: nothing runs unless every call is a read. */
  readOnly: boolean;
  /** Nothing is sent; what would run when is drawn. */
  planOnly: boolean;
  /** Where to write a Chrome trace of what ran. */
  trace: string | undefined;
  /** Where to draw when each call ran, as an SVG. */
  svg?: string | undefined;
}

/** Runs a batch exactly as a client's would run, prints how each call ended, and draws when it ran; or plans it and draws the plan. */
export async function batch(
  context: CliContext,
  { file, readOnly, planOnly, trace, svg }: BatchCommand,
): Promise<number> {
  const { io, stop } = context;
  const files = await openBatchFiles({ trace, svg }, { cwd: io.cwd });
  const config = await openConfig(context);
  tellWarnings(context, config);
  const asked = toRequest(await readBatch(context, file), planOnly);
  if (asked['mode'] === 'plan' && files.length > 0) {
    const option = trace === undefined ? '--svg' : '--trace';
    throw usageFailure(
      `a plan has no ${option.slice(2)}, since nothing runs`,
      `leave out ${option}, or "mode": "plan" in the batch`,
    );
  }
  const proxy = openProxy(context, config);
  await awaitUpstreams(context, proxy);
  const { status, onProgress, end } = followBatch(context, asked['calls']);
  const person = askAtTerminal(context, status);
  const reply = await proxy.runBatch({ input: asked, readOnly, signal: stop, onProgress, ...person }).finally(end);
  const replied = printReply(context, reply);
  const isWritten = await writeFiles(context, files, replied);
  const isRecorded = config.journal.enabled && replied.plan === undefined;
  if (isRecorded && !context.json) {
    const flaw = config.journal.file === undefined ? await probeStateDir(config.stateDir) : undefined;
    const note =
      flaw === undefined
        ? reportHint(replied.batchId, context.configFile)
        : `warning: nothing of it was recorded: ${flaw.message}`;
    tell(context, wrapText(note, wrapping(describeScreen(io, 'stderr'))));
  }
  if (stop.aborted) return exitCodes.interrupted;
  const exitCode = exitCodeOf(replied);
  return exitCode === exitCodes.ok && !isWritten ? exitCodes.unexpected : exitCode;
}

/** Prints the structured reply of a batch, and gives what it says. Throws where the batch was refused. */
export function printReply(context: CliContext, reply: JsonObject): RepliedBatch {
  const replied = readReply(reply);
  if (replied.refused !== undefined) throw refusal(replied.refused, replied);
  if (context.json) printJson(context, reply['structuredContent']);
  else printBatch(context, replied);
  tellApproval(context, replied);
  return replied;
}

/** A bare list is the calls of a batch. What is printed here is read from the structured form. */
function toRequest(input: JsonValue, planOnly: boolean): JsonObject {
  const asked = isJsonObject(input) ? input : { calls: input };
  return { ...asked, ...(planOnly && { mode: 'plan' }), format: 'structured' };
}

function refusal(
  { code, message }: { code: string; message: string },
  { summary, problems }: Pick<RepliedBatch, 'summary' | 'problems'>,
): CliFailure {
  const isDenied = code === 'denied_by_policy';
  const listed = problems.length > 0 ? `the ${formatCounted(problems.length, 'problem')} listed` : 'the batch';
  const fix = isDenied ? 'run it without --read, or take these calls out' : `mend ${listed} and run it again`;
  // The summary names every problem, the message perhaps only how many there are.
  const found = summary === '' ? message : summary;
  return new CliFailure(found, { exitCode: isDenied ? exitCodes.denied : exitCodes.usage, code, fix, problems });
}

/** `denied` where nothing but policy stands in the way; `unsuccessful` as soon as anything else does. */
export function exitCodeOf({ calls, plan }: RepliedBatch): number {
  const fates = plan === undefined ? calls.map(({ status }) => status) : plan.map(fateOf);
  const others = fates.filter((status) => status !== 'ok');
  if (others.length === 0) return exitCodes.ok;
  return others.every((status) => status === 'denied') ? exitCodes.denied : exitCodes.unsuccessful;
}

function printBatch(context: CliContext, { summary, warnings, calls, plan, timing }: RepliedBatch): void {
  const screen = describeScreen(context.io, 'stdout');
  const paint = createPaint(screen);
  tell(
    context,
    warnings.map((warning) => `warning: ${plainLine(warning)}`),
  );
  // What follows the first line is for those who read the results themselves.
  const [line = ''] = plainText(summary).split('\n');
  const said = wrapText(line, wrapping(screen)).map(paint.bold);
  if (plan !== undefined) {
    print(context, [...renderPlanChart(plan, { ...screen, paint }), ...said]);
    return;
  }
  print(context, [
    ...said,
    ...renderCalls(calls, { ...screen, paint }),
    '',
    ...renderGantt({ calls, timing }, { ...screen, paint }),
  ]);
}

/** The engine's message offers what a client of the proxy can do. At a shell there is one way: to be there. */
function tellApproval(context: CliContext, { calls, plan = [] }: RepliedBatch): void {
  const errors = [...calls.flatMap((call) => [call, ...(call.items ?? [])]), ...plan].map(({ error }) => error?.code);
  if (context.json || !errors.includes('approval_unavailable')) return;
  const note = 'nobody could be asked: run it at a terminal, with the batch in a file, or change the policy';
  tell(context, wrapText(note, wrapping(describeScreen(context.io, 'stderr'))));
}

/** A terminal gets lines that it need not break; what reads a pipe finds each of them whole. */
function wrapping({ isTerminal, width }: Screen): { width: number; indent: number } {
  return { width: isTerminal ? width : Infinity, indent: 2 };
}

/** Whether all could be written: the results stand by then, and are worth more. */
async function writeFiles(context: CliContext, files: readonly BatchFile[], replied: RepliedBatch): Promise<boolean> {
  const written = await Promise.all(
    files.map(async ({ named, noun, use, write }) => {
      try {
        await write(replied);
        if (!context.json) tell(context, [`${noun.replace('the ', '')} written to ${named}${use}`]);
        return true;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        tell(context, [`${noun} could not be written to ${named}: ${reason}`]);
        return false;
      }
    }),
  );
  return written.every(Boolean);
}
