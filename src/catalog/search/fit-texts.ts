import type { ToolText } from './tool-text.ts';

/** Of all descriptions and arguments together: some thousand tools of real servers. More than that costs seconds in which nothing else runs. */
const maxChars = 1_500_000;

/** Texts that an index takes in a second, whatever servers write: where they are more, the longest are cut first, all at the same length. */
export function fitTexts(texts: readonly ToolText[]): readonly ToolText[] {
  const cap = capOf(texts.flatMap((text) => [text.lead.length, text.description.length, text.arguments.length]));
  if (cap === Infinity) return texts;
  return texts.map((text) => ({
    ...text,
    lead: text.lead.slice(0, cap),
    description: text.description.slice(0, cap),
    arguments: text.arguments.slice(0, cap),
  }));
}

function capOf(lengths: readonly number[]): number {
  let room = maxChars;
  for (const [index, length] of lengths.toSorted((a, b) => a - b).entries()) {
    const share = Math.floor(room / (lengths.length - index));
    if (length > share) return share;
    room -= length;
  }
  return Infinity;
}
