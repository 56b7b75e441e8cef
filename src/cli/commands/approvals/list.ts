import { findQuestions, openRunningQueues } from '../../approvals/open-queues.ts';
import { renderQuestions } from '../../approvals/question-lines.ts';
import type { CliContext } from '../../context.ts';
import { exitCodes } from '../../failure.ts';
import { print, printJson, tell } from '../../output.ts';
import { createPaint } from '../../terminal/paint.ts';
import { describeScreen } from '../../terminal/screen.ts';

/** Prints the questions of all running proxies. */
export async function list(context: CliContext, { stateDir }: { stateDir?: string }): Promise<number> {
  const found = await findQuestions(await openRunningQueues(context, { stateDir }));
  const questions = found.map(({ question }) => question);
  if (context.json) {
    printJson(context, questions);
    return exitCodes.ok;
  }
  if (questions.length === 0) {
    tell(context, ['no call waits for approval']);
    return exitCodes.ok;
  }
  const screen = describeScreen(context.io, 'stdout');
  print(context, renderQuestions(questions, { ...screen, paint: createPaint(screen), now: Date.now() }));
  tell(context, ['mcp-marshal approvals show ID has all of one; allow ID and deny ID answer it']);
  return exitCodes.ok;
}
