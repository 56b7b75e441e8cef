/** What a word, or a meaning of it, says of each tool that has it. */
export type Scores = ReadonlyMap<string, number>;

/** The word itself, and what means the same. */
export type Readings = readonly { weight: number; scores: Scores }[];

/**
 * The tools that have any of the words, best first. A word counts once, as what it says best: one that can mean many things says no more
 * than another. A tool that has most of the question comes before one that has a part of it often; a rare word is more of the question
 * than one that half of the tools have.
 */
export function rankTools(words: readonly Readings[], tools: number): string[] {
  const ranked = new Map<string, { score: number; covered: number }>();
  for (const readings of words) {
    const best = new Map<string, number>();
    let rarity = 0;
    for (const { weight, scores } of readings) {
      if (scores.size > 0) rarity = Math.max(rarity, weight * Math.log(1 + tools / scores.size));
      for (const [tool, score] of scores) best.set(tool, Math.max(best.get(tool) ?? 0, weight * score));
    }
    for (const [tool, score] of best) {
      const before = ranked.get(tool);
      ranked.set(tool, { score: (before?.score ?? 0) + score, covered: (before?.covered ?? 0) + rarity });
    }
  }
  return [...ranked]
    .map(([tool, { score, covered }]) => ({ tool, score: score * covered }))
    .toSorted((a, b) => b.score - a.score)
    .map(({ tool }) => tool);
}
