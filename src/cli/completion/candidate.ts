import { cutText } from '../terminal/text-width.ts';
import { plainLine } from '../terminal/plain-text.ts';

/** A word that is offered. */
export interface Candidate {
  value: string;
  description: string;
}

/** What is offered, and how the shell is to go on. */
export interface Offer {
  candidates: readonly Candidate[];
  /** Names of files are the shell's own affair; `open`: the word goes on, so that no space is put behind it. */
  mode?: 'files' | 'folders' | 'open';
}

/** More than this is not read, and makes a shell ask whether it is wanted. */
const maxCandidates = 500;
const descriptionColumns = 70;

/**
 * The lines for the scripts: a word, a tab, what it is; last `:` and the mode, where there is one. A word that a shell would take for more
 * than a word is left out: names of tools are others' words, and would stand on somebody's command line.
 */
export function offerLines({ candidates, mode }: Offer): string[] {
  const lines = candidates
    .filter(({ value }) => /^[\w@%+=:,./~*?-]+$/.test(value))
    .slice(0, maxCandidates)
    .map(
      ({ value, description }) => `${value}\t${cutText(plainLine(description.slice(0, 500)), descriptionColumns, '…')}`,
    );
  return [...lines, ...(mode === undefined ? [] : [`:${mode}`])];
}
