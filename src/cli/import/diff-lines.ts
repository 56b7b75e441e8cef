/** Lines around a change, so that a reader knows where it is. */
const around = 2;
/** As far as the next line that both texts have is looked for. */
const maxReach = 400;

interface DiffLine {
  sign: ' ' | '+' | '-';
  text: string;
  /** In the new text, from 1. */
  line: number;
}

/** What differs between two texts, as people are used to see it: `+`, `-`, and some lines around. Nothing where they are equal. */
export function diffLines(before: string, after: string): string[] {
  const lines = compare(before.split('\n'), after.split('\n'));
  const isShown = lines.map((_, index) =>
    lines.slice(Math.max(0, index - around), index + around + 1).some(({ sign }) => sign !== ' '),
  );
  return lines.flatMap(({ sign, text, line }, index) => {
    if (isShown[index] !== true) return [];
    const shown = `${sign}${text.replace(/\r$/, '')}`;
    return isShown[index - 1] === true ? [shown] : [`@@ line ${line} @@`, shown];
  });
}

function compare(before: readonly string[], after: readonly string[]): DiffLine[] {
  const lines: DiffLine[] = [];
  let old = 0;
  let next = 0;
  while (old < before.length || next < after.length) {
    const [gone, come] = [before[old], after[next]];
    if (gone === come) {
      lines.push({ sign: ' ', text: gone ?? '', line: next + 1 });
      old += 1;
      next += 1;
      continue;
    }
    const inserted = gone === undefined ? after.length - next : distanceTo(after, { from: next, line: gone });
    const removed = come === undefined ? before.length - old : distanceTo(before, { from: old, line: come });
    if (come !== undefined && (inserted ?? Infinity) <= (removed ?? Infinity) && inserted !== undefined) {
      lines.push({ sign: '+', text: come, line: next + 1 });
      next += 1;
    } else {
      if (gone !== undefined) lines.push({ sign: '-', text: gone, line: next + 1 });
      old += 1;
      if (removed === undefined && come !== undefined) {
        lines.push({ sign: '+', text: come, line: next + 1 });
        next += 1;
      }
    }
  }
  return lines;
}

function distanceTo(lines: readonly string[], { from, line }: { from: number; line: string }): number | undefined {
  const found = lines.slice(from, from + maxReach).indexOf(line);
  return found < 0 ? undefined : found;
}
