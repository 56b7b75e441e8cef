/** The beginning of a text, at most `maxChars` of it: up to the end of a line if that keeps at least half, never half a character. */
export function cutText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  if (maxChars <= 0) return '';
  const lineEnd = text.lastIndexOf('\n', maxChars);
  if (lineEnd * 2 >= maxChars) return text.slice(0, lineEnd);
  const last = text.charCodeAt(maxChars - 1);
  // The first half of a surrogate pair means nothing without the second.
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splitsPair ? maxChars - 1 : maxChars);
}
