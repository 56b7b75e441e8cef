import type { JsonObject } from '../../core/json.ts';
import type { Ask } from '../../core/protocol/client.ts';
import { refusal, rpcCode, type Reply } from '../../core/protocol/rpc.ts';
import { isOwn } from '../../serve/approvals/question/own-question.ts';
import { decisionField } from '../../serve/approvals/question/question-form.ts';
import type { CliContext } from '../context.ts';
import { tell } from '../output.ts';
import type { StatusLine } from '../terminal/status-line.ts';
import { canAskPerson, openTerminalReader } from './terminal-reader.ts';

/** Why nobody answers at a terminal whose input has ended: with Ctrl-D, or since it was the batch itself. */
export const noMoreInput = 'there is no more input at the terminal; write the batch into a file';

/**
 * Has the person at the shell asked about calls that need approval: all of one question with a yes or a no, which is what anything but
 * a yes is. Nothing where there is no terminal, so that such calls are refused. Servers ask nobody here.
 */
export function askAtTerminal(context: CliContext, status?: StatusLine): { ask?: Ask; capabilities?: JsonObject } {
  if (!canAskPerson(context.io)) return {};
  const reader = openTerminalReader(context.io);
  context.closeLater(async () => reader.close());
  return {
    capabilities: { elicitation: { form: {} } },
    async ask(question, signal) {
      if (!isOwn(question)) return refusal(rpcCode.methodNotFound, 'there is nobody to ask');
      const { message } = question.params;
      status?.clear();
      status?.hold(true);
      tell(context, typeof message === 'string' ? message.split('\n') : []);
      const said = await reader.ask('Run? y/N > ', signal);
      status?.hold(false);
      return toReply(said, signal.aborted);
    },
  };
}

function toReply(said: string | undefined, isWithdrawn: boolean): Reply {
  if (said === undefined && !isWithdrawn) {
    return refusal(rpcCode.methodNotFound, noMoreInput);
  }
  if (said === undefined) return { ok: true, result: { action: 'cancel' } };
  return {
    ok: true,
    result: { action: 'accept', content: { [decisionField]: /^y(?:es)?$/i.test(said) ? 'yes' : 'no' } },
  };
}
