import type { Planned } from '../../clients/registration/plan-registration.ts';
import { openTerminalReader } from '../approvals/terminal-reader.ts';
import type { TerminalReader } from '../approvals/terminal-reader.ts';
import type { CliContext } from '../context.ts';
import { interruptedFailure } from '../failure.ts';
import { isChange } from './put-in.ts';

/** Asks a yes or a no at the terminal; `otherwise` is what Enter means. The end of the input is no yes. */
export type AskPerson = (prompt: string, answer: { otherwise: boolean }) => Promise<boolean>;

/** Nothing is read before the first question. One reader for all of them: what a closed one has paused does not flow again. */
export function openAskPerson(context: Pick<CliContext, 'io' | 'stop' | 'closeLater'>): AskPerson {
  let reader: TerminalReader | undefined;
  context.closeLater(async () => reader?.close());
  return async (prompt, { otherwise }) => {
    reader ??= openTerminalReader(context.io);
    const said = await reader.ask(prompt, context.stop);
    if (context.stop.aborted) throw interruptedFailure();
    return said === '' ? otherwise : /^y(?:es)?$/i.test(said ?? '');
  };
}

/** The servers that one plan switches off and the other does not. */
export function originalsIn(switching: readonly Planned[], keeping: readonly Planned[]): string[] {
  const names = (all: readonly Planned[]): string[] =>
    all.filter(isChange).flatMap(({ done }) => done.switched.map(({ name }) => name));
  const kept = new Set(names(keeping));
  return [...new Set(names(switching))].filter((name) => !kept.has(name));
}
