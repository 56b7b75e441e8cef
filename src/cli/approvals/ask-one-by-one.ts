import type { QueueCaller } from '../../approvals/line/connect-line.ts';
import type { ShownQuestion } from '../../approvals/line/line-messages.ts';
import type { CliContext } from '../context.ts';
import { tell } from '../output.ts';
import { renderWhole } from './question-lines.ts';
import type { TerminalReader } from './terminal-reader.ts';

/** What a watcher does with what it hears. */
export interface Audience {
  asked(question: ShownQuestion, caller: QueueCaller): void;
  ended(id: string, how: string): void;
}

/** Asks the person at the terminal about one question after the other. One that ends elsewhere is taken back. */
export function askOneByOne(context: CliContext, reader: TerminalReader): Audience {
  const open = new Map<string, { question: ShownQuestion; caller: QueueCaller }>();
  let current: { id: string; over: AbortController; isAnswered: boolean } | undefined;

  const askNext = async (): Promise<void> => {
    const [next] = open.values();
    if (current !== undefined || next === undefined || context.stop.aborted) return;
    const { question, caller } = next;
    const over = new AbortController();
    const asking = { id: question.id, over, isAnswered: false };
    current = asking;
    tell(context, ['', ...renderWhole(question, Date.now())]);
    const prompt = 'Allow it? y: yes, n: no, anything else: later > ';
    const said = await reader.ask(prompt, AbortSignal.any([over.signal, context.stop]));
    asking.isAnswered = true;
    open.delete(question.id);
    if (!over.signal.aborted && !context.stop.aborted) tell(context, [await act(said, { id: question.id, caller })]);
    current = undefined;
    await askNext();
  };

  return {
    asked(question, caller) {
      open.set(question.id, { question, caller });
      void askNext();
    },
    ended(id, how) {
      open.delete(id);
      // What the person has just answered ends too, and needs no word.
      if (current?.id !== id || current.isAnswered) return;
      current.over.abort();
      tell(context, ['', `${id}: ${how}`]);
    },
  };
}

/** Does what was said, and tells what became of it. */
async function act(said: string | undefined, { id, caller }: { id: string; caller: QueueCaller }): Promise<string> {
  const isYes = /^y(?:es)?$/i.test(said ?? '');
  if (!isYes && !/^no?$/i.test(said ?? '')) return `${id} stays open`;
  const answer = await caller.request(isYes ? { do: 'allow', id } : { do: 'deny', id });
  if (answer === undefined) return `${id}: the proxy has gone before it heard the answer`;
  if (!answer.ok) return `${id}: ${answer.message}`;
  return isYes ? `allowed ${id}` : `denied ${id}`;
}
