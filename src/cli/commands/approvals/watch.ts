import type { LineEvent, QueueCaller } from '../../../approvals/line/connect-line.ts';
import { openQueues } from '../../approvals/open-queues.ts';
import { askOneByOne, type Audience } from '../../approvals/ask-one-by-one.ts';
import { renderWhole } from '../../approvals/question-lines.ts';
import { canAskPerson, openTerminalReader } from '../../approvals/terminal-reader.ts';
import type { CliContext } from '../../context.ts';
import { exitCodes } from '../../failure.ts';
import { print, printJson, tell } from '../../output.ts';

/** Proxies come and go while somebody watches. */
const lookEveryMs = 1_000;

/** Shows questions as they come, until it is stopped or nobody reads it any more: to a person, who is asked, or line by line. */
export async function watch(context: CliContext, { stateDir }: { stateDir?: string }): Promise<number> {
  const { io, stop } = context;
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  for (const event of ['error', 'close'] as const) io.stdout.once(event, leave);
  const isAsking = !context.json && canAskPerson(io);
  const audience = isAsking ? openDialogue(context) : writeLines(context);
  const hear = (event: LineEvent, caller: QueueCaller): void => {
    if (event.event === 'ended') audience.ended(event.id, event.how);
    else audience.asked(event.question, caller);
  };
  const onFound = (caller: QueueCaller): void => void caller.request({ do: 'watch' });
  try {
    const queues = await openQueues(context, { stateDir, onFound, onEvent: hear });
    if (queues.callers().length === 0) tell(context, [`no proxy is running yet: looking in ${queues.stateDir}`]);
    const over = AbortSignal.any([stop, gone.signal]);
    while (!over.aborted && !io.stdout.destroyed) {
      await pause(lookEveryMs, over);
      if (!over.aborted) await queues.look();
    }
    return stop.aborted ? exitCodes.interrupted : exitCodes.ok;
  } finally {
    for (const event of ['error', 'close'] as const) io.stdout.off(event, leave);
  }
}

function writeLines(context: CliContext): Audience {
  return {
    asked(question) {
      if (context.json) printJson(context, { event: 'asked', question });
      else print(context, renderWhole(question, Date.now()));
    },
    ended(id, how) {
      if (context.json) printJson(context, { event: 'ended', id, how });
      else print(context, [`${id}: ${how}`]);
    },
  };
}

function openDialogue(context: CliContext): Audience {
  const reader = openTerminalReader(context.io);
  context.closeLater(async () => reader.close());
  tell(context, ['watching for calls that need approval; Ctrl-C ends it']);
  return askOneByOne(context, reader);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
