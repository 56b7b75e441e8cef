import type { Ask } from '../../core/protocol/client.ts';

/** The same `ask`, which says whether any of its questions is open. */
export function countQuestions(ask: Ask, setAsking: (isAsking: boolean) => void): Ask {
  let open = 0;
  return async (question, signal) => {
    if (open++ === 0) setAsking(true);
    const reply = await ask(question, signal);
    if (--open === 0) setAsking(false);
    return reply;
  };
}
