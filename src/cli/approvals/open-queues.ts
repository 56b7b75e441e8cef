import { connectLine, type LineEvent, type QueueCaller } from '../../approvals/line/connect-line.ts';
import type { ShownQuestion } from '../../approvals/line/line-messages.ts';
import { listAddresses, queuePlaceOf } from '../../approvals/line/queue-place.ts';
import type { CliContext } from '../context.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { findJournal } from '../journal/find-journal.ts';

/** The queues of all proxies that run with one state folder. */
export interface OpenQueues {
  /** The folder that their sockets are looked for in. */
  stateDir: string;
  /** Connects to proxies that were not there before; how many there are now. */
  look(): Promise<number>;
  callers(): QueueCaller[];
}

/** A question and the proxy that asks it. */
export interface FoundQuestion {
  caller: QueueCaller;
  question: ShownQuestion;
}

export interface QueueOptions {
  stateDir?: string | undefined;
  /** Called for each proxy as it is found. */
  onFound?: (caller: QueueCaller) => void;
  /** Gets what happens in the queues of those that are asked to tell. */
  onEvent?: (event: LineEvent, caller: QueueCaller) => void;
}

/** Connects to every running proxy. The connections are closed by the command line. */
export async function openQueues(
  context: CliContext,
  { stateDir: named, onFound, onEvent }: QueueOptions,
): Promise<OpenQueues> {
  const { io, configFile } = context;
  const { stateDir } = await findJournal({ configFile, stateDir: named, env: io.env, cwd: io.cwd });
  const place = queuePlaceOf(stateDir);
  const open = new Map<string, QueueCaller>();
  context.closeLater(async () => {
    for (const caller of open.values()) caller.close();
  });
  const look = async (): Promise<number> => {
    const found = await listAddresses(place).catch((error: unknown) => {
      throw new CliFailure(error instanceof Error ? error.message : String(error), {
        exitCode: exitCodes.usage,
        code: 'unsafe_folder',
        fix: 'remove it, and start mcp-marshal serve again',
      });
    });
    for (const address of found.filter((one) => !open.has(one))) {
      const tell = (event: LineEvent): void => {
        const from = open.get(address);
        if (from !== undefined) onEvent?.(event, from);
      };
      const caller = await connectLine(address, { onEvent: tell });
      if (caller === undefined) continue;
      open.set(address, caller);
      void caller.closed.then(() => open.delete(address));
      onFound?.(caller);
    }
    return open.size;
  };
  await look();
  return { stateDir, look, callers: () => [...open.values()] };
}

/** The same, where there has to be one. Throws where none runs. */
export async function openRunningQueues(context: CliContext, options: QueueOptions): Promise<OpenQueues> {
  const queues = await openQueues(context, options);
  if (queues.callers().length > 0) return queues;
  throw new CliFailure(`no proxy that could have questions is running: looked in ${queues.stateDir}`, {
    exitCode: exitCodes.usage,
    code: 'no_proxy',
    fix: 'mcp-marshal serve has a queue from a second after its start, unless the configuration says approvals.queue: false; --state-dir names another folder',
  });
}

/** What waits in all of them, the oldest question first. */
export async function findQuestions(queues: OpenQueues): Promise<FoundQuestion[]> {
  const found = await Promise.all(queues.callers().map(async (caller) => listOf(caller)));
  return found.flat().toSorted((a, b) => a.question.askedAt.localeCompare(b.question.askedAt));
}

async function listOf(caller: QueueCaller): Promise<FoundQuestion[]> {
  const answer = await caller.request({ do: 'list' });
  const questions = answer?.ok === true ? (answer.questions ?? []) : [];
  return questions.map((question) => ({ caller, question }));
}

/** The question that a person means by its id. Throws where there is none. */
export async function findNamed(queues: OpenQueues, ids: readonly string[]): Promise<FoundQuestion[]> {
  const all = await findQuestions(queues);
  return ids.map((id) => {
    const [found, ...others] = all.filter(({ question }) => question.id === id.toLowerCase());
    if (found !== undefined && others.length === 0) return found;
    const open = all.map(({ question }) => question.id);
    const message = found === undefined ? `there is no open question ${id}` : `two proxies have a question ${id}`;
    const listed = open.length === 0 ? 'none is open now; it was answered, or has expired' : `open: ${open.join(', ')}`;
    throw new CliFailure(message, {
      exitCode: exitCodes.usage,
      code: found === undefined ? 'unknown_id' : 'ambiguous_id',
      fix: found === undefined ? listed : 'name the state folder of one with --state-dir, or wait until one expires',
    });
  });
}
