import { showInvisible } from '../../core/text/show-invisible.ts';
import { cutText, textWidth } from '../terminal/text-width.ts';

/** Written out, a character takes up to six others; and one of another plane is two of them. */
const mostPerColumn = 2;

/**
 * Text of others as an element or an attribute of XML or HTML may have it: nothing in it is markup, what cannot be seen is written out,
 * and it takes at most `columns` (a tool's name may have 100,000 characters).
 */
export function escapeMarkup(text: string, columns: number): string {
  return showIn(text, columns).replaceAll(/[&<>"']/g, (mark) => `&#${mark.codePointAt(0)};`);
}

/** The columns that `escapeMarkup` makes of it. */
export function shownColumns(text: string, columns: number): number {
  return textWidth(showIn(text, columns));
}

function showIn(text: string, columns: number): string {
  // Cut before as well: the rest of a very long text would be looked at character by character, and then thrown away.
  const shown = showInvisible(text.slice(0, columns * mostPerColumn + 1)).replaceAll(noXml, '\ufffd');
  return cutText(shown, columns, '…');
}

/** What XML 1.0 §2.2 has no place for, and `showInvisible` may leave: halves of pairs, and two that are no characters. */
const noXml = /[\p{Surrogate}\ufffe\uffff]/gu;
