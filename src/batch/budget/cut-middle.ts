/**
 * A path or another key in at most `maxChars` characters (1 or more): of a longer one the beginning and, twice as long, the end, where
 * the name of the file is, with `…` between them. Never half a character.
 */
export function cutMiddle(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const head = Math.floor((maxChars - 1) / 3);
  const tail = maxChars - 1 - head;
  // The halves of a surrogate pair mean nothing without each other.
  const start = text.slice(0, head).replace(/[\ud800-\udbff]$/, '');
  const end = text.slice(text.length - tail).replace(/^[\udc00-\udfff]/, '');
  return `${start}…${end}`;
}
