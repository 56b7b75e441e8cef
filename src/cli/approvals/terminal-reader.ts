import { setTimeout as pause } from 'node:timers/promises';
import type { AbortLike } from '../../core/abort.ts';
import type { CliIo } from '../io.ts';

/** What a person types, line by line. */
export interface TerminalReader {
  /**
   * Writes the prompt, and resolves with the next line that is typed after it; nothing where the input has ended, or `signal` is aborted.
   * What was typed before answers no question that nobody had seen: after one that was withdrawn, a line is read first that answers
   * nothing, since the terminal may hold half an answer to that.
   */
  ask(prompt: string, signal: AbortLike): Promise<string | undefined>;
  close(): void;
}

/** Longer than any answer. What is longer is none. */
const maxLineChars = 1_000;
/**
 * Before a question is shown, nothing has come for so long. A terminal keeps what is typed while nobody reads, as while servers connect,
 * and hands it out line by line; a person sees no difference.
 */
const quietMs = 50;
/** A stream that never stops, such as `yes` in a pseudo-terminal, keeps no question away for longer than these. */
const maxQuietRounds = 20;
const clearPrompt = 'The question before this one is gone. Press Enter, then answer > ';

/** Whether there is a person at the terminal who can be asked: prompts are off in a pipe, under `CI`, `NO_COLOR` and on a dumb terminal (contract.md §5). */
export function canAskPerson({ stdin, stderr, env }: CliIo): boolean {
  return stdin.isTTY === true && stderr.isTTY === true && !env['CI'] && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

/** Reads stdin from now on. The terminal stays as it is, so that Ctrl-C still ends the program. */
export function openTerminalReader({ stdin, stderr }: Pick<CliIo, 'stdin' | 'stderr'>): TerminalReader {
  let typed = '';
  let give: ((line: string | undefined) => void) | undefined;
  let hasEnded = stdin.readableEnded || stdin.destroyed;
  let mayHoldHalf = false;
  let heard = 0;

  const onText = (chunk: Buffer | string): void => {
    heard += 1;
    // Each chunk is at least a line: the terminal hands out whole ones.
    const [line, ...others] = (typed + chunk.toString()).split('\n');
    if (others.length === 0) {
      typed = (line ?? '').slice(0, maxLineChars);
      return;
    }
    typed = (others.at(-1) ?? '').slice(0, maxLineChars);
    give?.(line);
  };
  const onEnd = (): void => {
    hasEnded = true;
    give?.(undefined);
  };
  stdin.on('data', onText);
  stdin.on('end', onEnd);
  stdin.on('error', onEnd);

  const readLine = (prompt: string, signal: AbortLike): Promise<string | undefined> => {
    if (hasEnded || signal.aborted) return Promise.resolve(undefined);
    typed = '';
    stderr.write(prompt);
    return new Promise((resolve) => {
      const withdraw = (): void => {
        mayHoldHalf = true;
        give?.(undefined);
      };
      give = (line) => {
        give = undefined;
        signal.removeEventListener('abort', withdraw);
        resolve(line?.trim());
      };
      signal.addEventListener('abort', withdraw, { once: true });
    });
  };

  /** Drops what was typed before the question. */
  const dropEarlier = async (signal: AbortLike): Promise<void> => {
    for (let round = 0; round < maxQuietRounds && !signal.aborted; round++) {
      const before = heard;
      await pause(quietMs);
      if (hasEnded || heard === before) return;
    }
  };

  return {
    async ask(prompt, signal) {
      await dropEarlier(signal);
      if (mayHoldHalf) {
        if ((await readLine(clearPrompt, signal)) === undefined) return undefined;
        mayHoldHalf = false;
      }
      return readLine(prompt, signal);
    },
    close() {
      give?.(undefined);
      stdin.off('data', onText);
      stdin.off('end', onEnd);
      stdin.off('error', onEnd);
      stdin.pause();
    },
  };
}
