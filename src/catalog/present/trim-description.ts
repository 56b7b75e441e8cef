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

/**
 * The first sentence of a description on one line, in at most `maxChars` characters: the first that says something, where headings and
 * list marks come before it, and that under "Purpose:" where a text is ordered so.
 */
export function firstSentence(text: string, maxChars: number): string {
  const parts = sentencesOf(withoutOrnaments(withoutExamples(text)) || withoutOrnaments(text));
  const sentences = parts.map((part) => part.trim().replace(/^(?:\d{1,2}[.)]|[-*•])\s+/, ''));
  const [opening = ''] = sentences;
  const purpose = isLabel(opening) ? sentences.findIndex((sentence) => purposeLabel.test(sentence)) : 0;
  const from = Math.max(0, purpose);
  const start = sentences.findIndex((sentence, index) => index >= from && sentence !== '' && !isLabel(sentence));
  const next = parts.slice(start + 1, start + maxWrappedLines);
  const line = start === -1 ? opening : joinWrapped(sentences[start] ?? '', next);
  return line.length <= maxChars ? line : cutAtWord(line, maxChars);
}

/** More than fit any line. */
const maxWrappedLines = 10;

/** A sentence whose lines were broken in its middle. */
function joinWrapped(first: string, others: readonly string[]): string {
  let line = first;
  for (const next of others) {
    if (/[.!?:;。！？]["')\]]?$/u.test(line) || !/^\p{Ll}/u.test(next)) break;
    line += ` ${next.trim()}`;
  }
  return line;
}

const purposeLabel = /^[^\p{L}]*(?:purpose|description|summary|overview)\s*:?$/iu;

/** A heading over what comes next, such as "When to use:", which says nothing by itself. */
function isLabel(sentence: string): boolean {
  return purposeLabel.test(sentence) || (sentence.endsWith(':') && sentence.split(' ').length <= maxLabelWords);
}

const maxLabelWords = 4;

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
  const sentences = sentencesOf(text);
  let end = 0;
  let chars = 0;
  for (const sentence of sentences) {
    if (chars + sentence.trimEnd().length >= maxChars) break;
    chars += sentence.length;
    end += 1;
  }
  // What a heading stands over has not fitted.
  while (end > 0 && isLabel(sentences[end - 1]?.trim() ?? '')) end -= 1;
  const kept = sentences.slice(0, end).join('').trimEnd();
  if (kept.trim() !== '') return `${kept}…`;
  const start = sentences.findIndex((sentence) => !isLabel(sentence.trim()));
  return cutAtWord(sentences.slice(Math.max(0, start)).join(''), maxChars);
}

/** Each with the space behind it. A line is one too, whether or not it ends as sentences do. */
function sentencesOf(text: string): string[] {
  return text.split(
    /(?<=\n)|(?<=(?<!\b(?:e\.g|i\.e|etc|vs|cf|incl|approx|no)|^\d{1,2})[.!?]["')\]]?\s)(?=\S)|(?<=[。！？])/imu,
  );
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
