import { Aborter, type AbortLike } from '../../core/abort.ts';
import type { Ask } from '../../core/protocol/client.ts';
import type { Engine } from '../engine.ts';
import { askClient } from './question/ask-client.ts';
import type { OpenCall } from './open-call.ts';
import { readAnswer, type Answer } from './question/read-answer.ts';
import { renderQuestion, splitQuestions } from './question/render-question.ts';

/** Nobody answers more dialogues in a row, and the SDK's client comes back with answers ten times at most. */
const maxQuestions = 8;

/** What is to become of calls that the client's user was asked about. */
interface Outlets {
  /** The answer to one question: of each of its calls, or of all that were left where no more questions were put. */
  answered(calls: readonly OpenCall[], answer: Exclude<Answer, { kind: 'nobody' }>): void;
  /** Nobody was asked about these. */
  unasked(calls: readonly OpenCall[], reason: string): void;
  /** The client's request was answered before its user had. */
  left(calls: readonly OpenCall[]): void;
  /** What the user has answered after that. */
  answeredLate(calls: readonly OpenCall[], answer: Exclude<Answer, { kind: 'nobody' }>): void;
  /** There are more than anybody can be asked about at once. */
  tooMany(calls: readonly OpenCall[], asked: number): void;
}

interface ClientQuestionsOptions {
  ask: Ask;
  batchId: string | undefined;
  /** The client has gone to its user with the question, and comes back for the reply with the answer. */
  outlivesReply: boolean;
  on: Outlets;
}

/** The questions of one batch to its client's user: one after the other, as a person answers them. */
interface ClientQuestions {
  put(calls: readonly OpenCall[], signal: AbortLike): void;
  /** The client's request has been answered: every question is withdrawn, or stays open where it outlives the reply. */
  close(): void;
}

export function createClientQuestions(
  { clock, setup, logger }: Pick<Engine, 'clock' | 'setup' | 'logger'>,
  { ask, batchId, outlivesReply, on }: ClientQuestionsOptions,
): ClientQuestions {
  const rounds = new Set<() => void>();
  let lastRound: Promise<void> = Promise.resolve();

  const putAll = async (
    left: Set<OpenCall>,
    { withdrawal, hasLeft }: { withdrawal: AbortLike; hasLeft: () => boolean },
  ): Promise<void> => {
    const parts = splitQuestions([...left]);
    for (const [index, part] of parts.entries()) {
      if (withdrawal.aborted || hasLeft()) return;
      const question = renderQuestion(part, { batchId, part: index + 1, parts: parts.length });
      const { expiresMs } = setup().approvals;
      const reply = await askClient(question, { ask, signal: withdrawal, clock, expiresMs });
      // What was withdrawn has been seen to.
      if (withdrawal.aborted) return;
      const answer = readAnswer(reply, part);
      if (hasLeft()) {
        if (answer.kind !== 'nobody') on.answeredLate(part, answer);
        return;
      }
      // Who cannot be asked one question, or sends it away, is not asked the next.
      const settled = answer.kind === 'decided' ? part : [...left];
      for (const call of settled) left.delete(call);
      if (answer.kind === 'nobody') on.unasked(settled, answer.reason);
      else on.answered(settled, answer);
      if (left.size === 0) return;
    }
  };

  return {
    put(calls, signal) {
      const asked = splitQuestions(calls).slice(0, maxQuestions).flat();
      if (asked.length < calls.length) on.tooMany(calls.slice(asked.length), asked.length);
      const left = new Set(asked);
      const withdrawal = new Aborter();
      const withdraw = (): void => withdrawal.abort();
      let hasLeft = false;
      const leave = (): void => {
        if (hasLeft || withdrawal.aborted) return;
        hasLeft = true;
        if (!outlivesReply) withdraw();
        on.left([...left]);
      };
      rounds.add(leave);
      signal.addEventListener('abort', withdraw, { once: true });
      lastRound = lastRound
        .then(() => putAll(left, { withdrawal, hasLeft: () => hasLeft }))
        .catch((error: unknown) => {
          logger.error({ batchId, reason: String(error) }, 'asking for approval failed inside mcp-marshal');
          on.unasked([...left], 'it failed inside mcp-marshal');
        })
        .finally(() => {
          rounds.delete(leave);
          signal.removeEventListener('abort', withdraw);
        });
    },
    close() {
      for (const leave of rounds) leave();
    },
  };
}
