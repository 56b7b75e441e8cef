/**
 * A description in at most `maxChars` characters, with as much of its meaning as they hold; the same text where it fits. Ornaments go
 * first (runs of spaces, marks of Markdown), then code and examples, then the last sentences; `…` at the end says that some are missing.
 */
export function trimDescription(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const plain = withoutOrnaments(text) || text.trim();
  if (plain.length <= maxChars) return plain;
  const plainWords = withoutOrnaments(withoutExamples(text));
  if (plainWords !== '' && plainWords.length < maxChars) return `${plainWords}…`;
  return keepSentences(plainWords === '' ? plain : plainWords, maxChars);
}

/** The first sentence of a description on one line, in at most `maxChars` characters. */
export function firstSentence(text: string, maxChars: number): string {
  const [first = ''] = sentencesOf(withoutOrnaments(withoutExamples(text)) || withoutOrnaments(text));
  const line = first.trim();
  return line.length <= maxChars ? line : cutAtWord(line, maxChars);
}

/** Code between fences, what stands in tags of examples, and paragraphs that begin as examples do. */
function withoutExamples(text: string): string {
  return text
    .replaceAll(/^[ \t]*(```|~~~)[^]*?(?:^[ \t]*\1.*$|$(?![^]))/gm, '\n')
    .replaceAll(/<(examples?|usage)>(?:(?!<\1>)[^])*?<\/\1>/gi, '\n')
    .replaceAll(
      /^[ \t]*[#*_]*(?:usage )?examples?(?: usage| calls?| inputs?)?[*_]*:[^]*?(?:\n[ \t]*\n|$(?![^]))/gim,
      '\n',
    );
}

function withoutOrnaments(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .split('\n')
    .map(withoutMarks)
    .filter((line) => line !== '')
    .join('\n');
}

function withoutMarks(line: string): string {
  return (
    line
      // "> 5" is no quotation.
      .replace(/^\s*(?:#{1,6}\s+|>\s?(?=[\p{L}*_`[>])|(?:[-*_=]\s*){3,}$|(?:```|~~~).*$)/u, '')
      // Neither a pattern of paths ("**/test/**") nor a name ("__init__") is bold.
      .replaceAll(/(?<![\w*/])\*\*([^\s*/][^*]*?)\*\*(?![\w*/])/g, (whole, bold: string) =>
        /[\s/]$/.test(bold) ? whole : bold,
      )
      .replaceAll(/(?<!\w)__(\S[^_]*?)__(?!\w)/g, (whole, bold: string) => (/\s/.test(bold) ? bold : whole))
      .replaceAll(/`([^`]+)`/g, '$1')
      .replaceAll(/!?\[([^[\]]+)\]\([^()\s]+\)/g, '$1')
      .replaceAll(/\s+/g, ' ')
      .trim()
  );
}

/** Whole sentences from the start; where not even the first one fits, its first words. */
function keepSentences(text: string, maxChars: number): string {
  let kept = '';
  for (const sentence of sentencesOf(text)) {
    if ((kept + sentence).trimEnd().length >= maxChars) break;
    kept += sentence;
  }
  return kept.trim() === '' ? cutAtWord(text, maxChars) : `${kept.trimEnd()}…`;
}

/** Each with the space behind it. A line is one too, whether or not it ends as sentences do. */
function sentencesOf(text: string): string[] {
  return text.split(/(?<=\n)|(?<=(?<!\b(?:e\.g|i\.e|etc|vs|cf|incl|approx|no))[.!?]["')\]]?\s)(?=\S)|(?<=[。！？])/iu);
}

/** Ends at the end of a word, in scripts without spaces too. Only what has no end is cut in its middle. */
function cutAtWord(text: string, maxChars: number): string {
  const room = text.slice(0, maxChars);
  let end = 0;
  for (const { index } of words.segment(room)) if (index < maxChars) end = index;
  const kept = room
    .slice(0, end)
    .trimEnd()
    .replace(/[,;:([{—–-]+$/u, '')
    .trimEnd();
  return `${kept === '' ? room.slice(0, maxChars - 1).replace(/[\uD800-\uDBFF]$/, '') : kept}…`;
}

const words = new Intl.Segmenter(undefined, { granularity: 'word' });
