/** Columns that a text takes in a terminal. Where terminals disagree (joined emoji), it is the larger number. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width;
}

/** The text in at most `width` columns; what had to be cut ends in `mark`. */
export function cutText(text: string, width: number, mark: string): string {
  if (textWidth(text) <= width) return text;
  const end = textWidth(mark) <= width ? mark : '';
  let room = width - textWidth(end);
  let kept = '';
  for (const character of text) {
    room -= widthOf(character);
    if (room < 0) break;
    kept += character;
  }
  return kept + end;
}

/** The text in exactly `width` columns. */
export function fitText(text: string, width: number, mark: string): string {
  const cut = cutText(text, width, mark);
  return cut + ' '.repeat(Math.max(0, width - textWidth(cut)));
}

function widthOf(character: string): number {
  if (/^[ -~]$/.test(character)) return 1;
  if (/^[\p{M}\p{Cf}]$/u.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

// East Asian wide and fullwidth characters (Unicode TR 11), and emoji.
const wide =
  /^[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$|^\p{Emoji_Presentation}$/u;
