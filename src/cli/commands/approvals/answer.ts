import type { Remembrance } from '../../../core/approval.ts';
import { mayRemember } from '../../../approvals/may-remember.ts';
import { findNamed, openRunningQueues, type FoundQuestion } from '../../approvals/open-queues.ts';
import type { CliContext } from '../../context.ts';
import { CliFailure, exitCodes } from '../../failure.ts';
import { print, printJson } from '../../output.ts';
import { plainLine } from '../../terminal/plain-text.ts';

export interface AnswerCommand {
  ids: readonly string[];
  answer: 'allow' | 'deny';
  remember?: Remembrance;
  stateDir?: string;
}

/** Answers questions. None of them, unless all are open and can be answered so. */
export async function answer(
  context: CliContext,
  { ids, answer: given, remember, stateDir }: AnswerCommand,
): Promise<number> {
  const queues = await openRunningQueues(context, { stateDir });
  const found = await findNamed(queues, [...new Set(ids)]);
  if (remember !== undefined) for (const { question } of found) refuseTooMuch(question, remember);
  for (const one of found) await give(one, { given, remember });
  const answered = found.map(({ question: { id, tool, isAwaited } }) => ({ id, tool, answer: given, isAwaited }));
  if (context.json) {
    printJson(context, answered);
    return exitCodes.ok;
  }
  const word = given === 'allow' ? 'allowed' : 'denied';
  print(
    context,
    found.map(({ question: { id, tool, shown, isAwaited, isKeyed = false } }) => {
      const again = isKeyed ? 'sent again with a new idempotencyKey or none' : 'sent again';
      const then = given === 'allow' && !isAwaited ? `: the call has ended; ${again}, it passes` : '';
      return `${word} ${id} ${plainLine(tool)} ${plainLine(shown)}${then}`;
    }),
  );
  return exitCodes.ok;
}

function refuseTooMuch(question: FoundQuestion['question'], remember: Remembrance): void {
  if (mayRemember(question, remember)) return;
  throw new CliFailure(
    `${question.id}: policy lets no yes for ${question.tool} be remembered so far (remember: ${question.remember})`,
    {
      exitCode: exitCodes.usage,
      code: 'not_remembered',
      fix: `leave out --remember, or set remember: ${remember} in the policy of ${question.server}`,
    },
  );
}

async function give(
  { caller, question: { id } }: FoundQuestion,
  { given, remember }: { given: 'allow' | 'deny'; remember: Remembrance | undefined },
): Promise<void> {
  const said = await caller.request(
    given === 'deny' ? { do: 'deny', id } : { do: 'allow', id, ...(remember !== undefined && { remember }) },
  );
  if (said?.ok === true) return;
  const message =
    said === undefined ? `the proxy of ${id} has gone before it heard the answer` : `${id}: ${said.message}`;
  throw new CliFailure(message, { exitCode: exitCodes.usage, code: said?.code ?? 'no_proxy' });
}
