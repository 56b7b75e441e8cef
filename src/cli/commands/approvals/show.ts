import { findNamed, openRunningQueues } from '../../approvals/open-queues.ts';
import { renderWhole } from '../../approvals/question-lines.ts';
import type { CliContext } from '../../context.ts';
import { CliFailure, exitCodes } from '../../failure.ts';
import { print, printJson } from '../../output.ts';

/** Prints one question with its whole arguments, secrets covered, everything invisible written out. */
export async function show(context: CliContext, { id, stateDir }: { id: string; stateDir?: string }): Promise<number> {
  const queues = await openRunningQueues(context, { stateDir });
  const [named] = await findNamed(queues, [id]);
  const answer = await named?.caller.request({ do: 'list', id: named.question.id });
  const [question] = (answer?.ok === true ? answer.questions : undefined) ?? [];
  if (question === undefined) {
    throw new CliFailure(`the question ${id} has just ended`, { exitCode: exitCodes.usage, code: 'unknown_id' });
  }
  if (context.json) printJson(context, question);
  else print(context, renderWhole(question, Date.now()));
  return exitCodes.ok;
}
