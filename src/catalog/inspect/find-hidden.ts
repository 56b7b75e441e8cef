/** What a text holds that a reader does not see, but a model or a terminal does: how many of one kind, and which. */
export interface HiddenSigns {
  /** In words: `tag characters`. */
  kind: string;
  count: number;
  /** The first few different ones, as `U+200B`. */
  codePoints: readonly string[];
  /** What tag characters spell, since that is text meant for somebody. */
  spells?: string;
}

const maxCodePoints = 5;
const maxSpelled = 80;
/** A text with as many has its finding; nobody waits for the exact number. */
const maxCounted = 1_000;

/**
 * The hidden signs of a text, by kind, in one pass. Where scripts and emoji need a sign to be written at all, it is no hidden one; in a
 * `name` nothing has to be there that cannot be seen, line ends included.
 */
export function findHidden(text: string, { isName = false }: { isName?: boolean } = {}): HiddenSigns[] {
  if (plain.test(text)) return [];
  const found = new Map<string, string[]>();
  let count = 0;
  for (const [sign, needed] of text.matchAll(invisible)) {
    if (!isName && (needed !== undefined || layout.has(sign))) continue;
    // A flag is several signs, of which one is seen.
    for (const hidden of Array.from(sign).filter((one) => one !== flag)) {
      const kind = kindOf(hidden.codePointAt(0) ?? 0);
      const signs = found.get(kind);
      if (signs === undefined) found.set(kind, [hidden]);
      else signs.push(hidden);
    }
    count += 1;
    if (count >= maxCounted) break;
  }
  return [...found].map(([kind, signs]) => ({
    kind,
    count: signs.length,
    codePoints: [...new Set(signs)].slice(0, maxCodePoints).map(nameOf),
    ...(kind === tags && { spells: spellTags(signs.slice(0, maxSpelled)) }),
  }));
}

const plain = /^[\x20-\x7e]*$/;
const flag = '\u{1F3F4}';
const layout: ReadonlySet<string> = new Set(['\t', '\n', '\r']);

// What joins and separates letters in these scripts, and what makes one emoji of several, are spelling.
const joining =
  '[\\p{sc=Arabic}\\p{sc=Syriac}\\p{sc=Devanagari}\\p{sc=Bengali}\\p{sc=Gurmukhi}\\p{sc=Gujarati}\\p{sc=Oriya}\\p{sc=Tamil}\\p{sc=Telugu}\\p{sc=Kannada}\\p{sc=Malayalam}\\p{sc=Sinhala}\\p{sc=Khmer}]';
/** Each begins with the sign itself, so that the rest is looked at there alone. */
const needed = [
  // The flags of England, Scotland and Wales.
  '\\u{1F3F4}\\u{E0067}\\u{E0062}(?:\\u{E0065}\\u{E006E}\\u{E0067}|\\u{E0073}\\u{E0063}\\u{E0074}|\\u{E0077}\\u{E006C}\\u{E0073})\\u{E007F}',
  '[\\uFE0E\\uFE0F](?<=\\p{Emoji}.)',
  '\\u200D(?<=[\\p{Extended_Pictographic}\\uFE0F\\u{1F3FB}-\\u{1F3FF}].)(?=\\p{Extended_Pictographic})',
  `[\\u200C\\u200D](?<=${joining}.)(?=${joining})`,
  '[\\uFE00-\\uFE02\\u{E0100}-\\u{E01EF}](?<=\\p{sc=Han}.)',
].join('|');
/** Code points that Unicode has renderers ignore, the private ones, halves of pairs, control characters, and blanks that are none. */
const invisible = new RegExp(
  `(${needed})|[\\p{Default_Ignorable_Code_Point}\\p{Co}\\p{Cs}\\p{Cc}\\u2028\\u2029\\u2800]`,
  'gu',
);

const tags = 'tag characters';
/** The first range that holds a code point says what it is. */
const kinds: readonly (readonly [first: number, last: number, kind: string])[] = [
  [0x1b, 0x1b, 'terminal escapes'],
  [0x9b, 0x9b, 'terminal escapes'],
  [0x00, 0x1f, 'control characters'],
  [0x7f, 0x9f, 'control characters'],
  [0xad, 0xad, 'soft hyphens'],
  [0x61c, 0x61c, 'marks that turn the direction of text'],
  [0x200e, 0x200f, 'marks that turn the direction of text'],
  [0x2028, 0x2029, 'line ends of another kind'],
  [0x202a, 0x202e, 'marks that turn the direction of text'],
  [0x2066, 0x2069, 'marks that turn the direction of text'],
  [0xd800, 0xdfff, 'halves of characters'],
  [0xe000, 0xf8ff, 'private-use characters'],
  [0xfe00, 0xfe0f, 'variation selectors'],
  [0xe0000, 0xe007f, tags],
  [0xe0100, 0xe01ef, 'variation selectors'],
  [0xf0000, 0x10ffff, 'private-use characters'],
];

function kindOf(codePoint: number): string {
  const kind = kinds.find(([first, last]) => codePoint >= first && codePoint <= last)?.[2];
  return kind ?? 'characters without a width';
}

function nameOf(sign: string): string {
  return `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Tag characters are ASCII, moved to where nobody sees it. */
function spellTags(signs: readonly string[]): string {
  const codes = signs.map((sign) => (sign.codePointAt(0) ?? 0) - 0xe0000);
  return String.fromCharCode(...codes.filter((code) => code >= 0x20 && code < 0x7f));
}
