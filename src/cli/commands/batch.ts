import { parseSource } from '../../config/source/parse-source.ts';
import { formatCounted } from '../../batch/reply/format-amount.ts';
import { isJsonObject } from '../../core/json.ts';
import type { JsonValue } from '../../core/json.ts';
import { renderProblem } from '../../core/place.ts';
import { awaitUpstreams } from '../proxy/await-upstreams.ts';
import { readReply } from '../batch-reply.ts';
import type { RepliedBatch } from '../batch-reply.ts';
import type { CliContext } from '../context.ts';
import { CliFailure, exitCodes, usageFailure } from '../failure.ts';
import { openConfig, openProxy, tellWarnings } from '../proxy/open-proxy.ts';
import { print, printJson, tell } from '../output.ts';
import { parseJson } from '../input/parse-json.ts';
import { readGiven } from '../input/read-given.ts';
import { readStdin } from '../input/read-stdin.ts';
import { renderCalls } from '../render/call-lines.ts';
import { renderGantt } from '../render/gantt.ts';
import { createPaint } from '../terminal/paint.ts';
import { plainLine } from '../terminal/plain-text.ts';
import { describeScreen } from '../terminal/screen.ts';
import { createStatusLine } from '../terminal/status-line.ts';

export interface BatchCommand {
  /** JSON or YAML; `-` or absent: stdin. */
  file: string | undefined;
  /** As `batch_read`: nothing runs unless every call is a read. */
  readOnly: boolean;
}

/** Runs a batch exactly as a client's would run, prints how each call ended, and draws when it ran. */
export async function batch(context: CliContext, { file, readOnly }: BatchCommand): Promise<number> {
  const { io, stop } = context;
  const config = await openConfig(context);
  tellWarnings(context, config);
  const input = await readBatch(context, file);
  const proxy = openProxy(context, config);
  await awaitUpstreams(context, proxy);
  const status = createStatusLine(io);
  const onProgress = ({ done, total }: { done: number; total: number }): void =>
    status.show(`${done} of ${total} calls done`);
  const asked = isJsonObject(input) ? input : { calls: input };
  const run = proxy.runBatch({
    input: { ...asked, format: 'structured' },
    readOnly,
    signal: stop,
    onProgress,
  });
  const reply = await run.finally(() => status.clear());
  const replied = readReply(reply);
  if (replied.refused !== undefined) throw refusal(replied.refused, replied);
  if (context.json) printJson(context, reply['structuredContent']);
  else printBatch(context, replied);
  return stop.aborted ? exitCodes.interrupted : exitCodeOf(replied);
}

async function readBatch(context: CliContext, file: string | undefined): Promise<JsonValue> {
  const isStdin = file === undefined || file === '-';
  if (isStdin && context.io.stdin.isTTY === true) {
    throw usageFailure('no batch was given', 'name a file with {"calls": [{"tool": "…"}]}, or pipe one in');
  }
  const name = isStdin ? 'stdin' : file;
  const text = isStdin ? await readStdin(context) : await readGiven(file, context.io.cwd);
  if (text.trim() === '') throw usageFailure(`${name} is empty`, 'write {"calls": [{"tool": "…"}]}');
  if (/\.ya?ml$/i.test(name)) {
    const { source, problems } = parseSource(text, name);
    if (source === undefined) throw usageFailure(problems.map(renderProblem).join('\n'));
    return source.value;
  }
  const parsed = parseJson(text);
  if ('reason' in parsed) {
    const fix = isStdin ? 'for YAML, give it as a file named .yaml' : 'for YAML, name the file .yaml';
    throw usageFailure(`${name} is not JSON: ${parsed.reason}`, fix);
  }
  return parsed.value;
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

/** `denied` where nothing but policy stood in the way; `unsuccessful` as soon as anything else did. */
function exitCodeOf({ calls }: RepliedBatch): number {
  const others = calls.filter(({ status }) => status !== 'ok');
  if (others.length === 0) return exitCodes.ok;
  return others.every(({ status }) => status === 'denied') ? exitCodes.denied : exitCodes.unsuccessful;
}

function printBatch(context: CliContext, { summary, warnings, calls, timing }: RepliedBatch): void {
  const screen = describeScreen(context.io, 'stdout');
  const paint = createPaint(screen);
  tell(
    context,
    warnings.map((warning) => `warning: ${plainLine(warning)}`),
  );
  print(context, [
    paint.bold(plainLine(summary)),
    ...renderCalls(calls, { ...screen, paint }),
    '',
    ...renderGantt({ calls, timing }, { ...screen, paint }),
  ]);
}
