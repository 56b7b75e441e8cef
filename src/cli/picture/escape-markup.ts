import { showInvisible } from '../../core/text/show-invisible.ts';
import { cutText } from '../terminal/text-width.ts';

/** Written out, a character takes up to six others; and one of another plane is two of them. */
const mostPerColumn = 2;

/**
 * Text of others as an element or an attribute of XML or HTML may have it: nothing in it is markup, what cannot be seen is written out,
 * and it takes at most `columns` (a tool's name may have 100,000 characters).
 */
export function escapeMarkup(text: string, columns: number): string {
  // Cut before as well: the rest of a very long text would be looked at character by character, and then thrown away.
  const shown = showInvisible(text.slice(0, columns * mostPerColumn + 1)).replaceAll(noXml, '\ufffd');
  return cutText(shown, columns, '…').replaceAll(/[&<>"']/g, (mark) => `&#${mark.codePointAt(0)};`);
}

/** What XML 1.0 §2.2 has no place for, and `showInvisible` may leave: halves of pairs, and two that are no characters. */
const noXml = /[\p{Surrogate}\ufffe\uffff]/gu;
