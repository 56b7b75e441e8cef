import { distance } from 'fastest-levenshtein';

/** The known name that was probably meant, or undefined where none is near enough to be more help than noise. */
export function suggest(found: string, known: readonly string[]): string | undefined {
  // Longer than any key of ours: no typing mistake, and the distance would cost its square.
  if (found.length > 64) return undefined;
  const scored = known.map((name) => ({ name, score: scoreOf(plain(found), plain(name)) }));
  const best = scored.sort((a, b) => a.score - b.score)[0];
  return best !== undefined && best.score <= Math.max(1, Math.floor(found.length / 3)) ? best.name : undefined;
}

/** Letter case and separators are what people mix up most. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_\s]/g, '');
}

/** The editing distance, but letters in a wrong order (`evn`) are one mistake. */
function scoreOf(a: string, b: string): number {
  const sameLetters = a.split('').sort().join('') === b.split('').sort().join('');
  return sameLetters ? Number(a !== b) : distance(a, b);
}
