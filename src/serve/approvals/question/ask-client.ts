import { Aborter, type AbortLike } from '../../../core/abort.ts';
import type { Clock } from '../../../core/clock.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Ask, Question } from '../../../core/protocol/client.ts';
import { refusal, rpcCode, type Reply } from '../../../core/protocol/rpc.ts';
import { formatMs } from '../../../batch/reply/format-amount.ts';
import { refuseQuestion } from '../../questions/refuse-question.ts';

/** Whether a client has said that its user can be asked through it, in either era. */
export function canAskUser(capabilities: JsonObject): boolean {
  return refuseQuestion({ method: 'elicitation/create', params: {} }, capabilities) === undefined;
}

/** Puts a question to the client and withdraws it where no answer comes in time, or when `signal` is aborted. Never rejects. */
export async function askClient(
  question: Question,
  options: { ask: Ask; signal: AbortLike; clock: Clock; expiresMs: number },
): Promise<Reply> {
  const { ask, signal, clock, expiresMs } = options;
  const withdrawal = new Aborter();
  const withdraw = (): void => withdrawal.abort();
  signal.addEventListener('abort', withdraw, { once: true });
  if (signal.aborted) withdraw();
  let isLate = false;
  const cancelTimer = clock.after(expiresMs, () => {
    isLate = true;
    withdraw();
  });
  try {
    const reply = await ask(question, withdrawal);
    return isLate ? refusal(rpcCode.internalError, `no answer came within ${formatMs(expiresMs)}`) : reply;
  } catch {
    return refusal(rpcCode.internalError, 'asking it failed inside mcp-marshal');
  } finally {
    cancelTimer();
    signal.removeEventListener('abort', withdraw);
  }
}
