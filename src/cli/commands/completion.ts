import type { Command } from 'commander';
import { offerLines } from '../completion/candidate.ts';
import { completeWords } from '../completion/complete-words.ts';
import { grammarOf } from '../completion/grammar.ts';
import { openSources } from '../completion/open-sources.ts';
import { scripts } from '../completion/scripts.ts';
import type { Shell } from '../completion/shells.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../failure.ts';

/** Prints the completion script of a shell. */
export function completion({ io }: CliContext, shell: Shell): number {
  io.stdout.write(scripts[shell]);
  return exitCodes.ok;
}

/**
 * Prints the words that can stand at the end of these, for the scripts. Whatever goes wrong, nothing is offered and nothing is said: it
 * would stand in the middle of what somebody types.
 */
export async function complete(
  context: CliContext,
  { program, words }: { program: Command; words: readonly string[] },
): Promise<number> {
  try {
    const offer = await completeWords(grammarOf(program), words, ({ values }) => openSources(context, values));
    const lines = offerLines(offer);
    if (lines.length > 0) context.io.stdout.write(`${lines.join('\n')}\n`);
  } catch {
    // A configuration that is broken or not there, a journal that cannot be read.
  }
  return exitCodes.ok;
}
