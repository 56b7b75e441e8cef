import { showInvisible } from '../../../core/text/show-invisible.ts';

/** Longer lines are not read. */
const maxChars = 240;

/** A text as one line of a comment: whatever comes from a server cannot end the comment and begin something else. */
export function toComment(text: string): string {
  const line = showInvisible(text.replaceAll(/\s+/g, ' ').trim());
  return ` ${line.length > maxChars ? `${line.slice(0, maxChars - 1)}…` : line}`;
}
