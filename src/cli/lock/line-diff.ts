/** Comparing takes memory by the product of both lengths; texts with more are shown as one gone and one come. */
const maxProduct = 4_000_000;
/** Lines without a change, before and after one. */
const contextLines = 2;

/**
 * What has become of some lines, as `diff -u` has it: `-` for one that has gone, `+` for one that has come, a space for one nearby that
 * has stayed, and `…` where unchanged lines are left out. Empty where nothing differs.
 */
export function lineDiff(before: readonly string[], after: readonly string[]): string[] {
  let start = 0;
  while (start < Math.min(before.length, after.length) && before[start] === after[start]) start += 1;
  let [endBefore, endAfter] = [before.length, after.length];
  while (endBefore > start && endAfter > start && before[endBefore - 1] === after[endAfter - 1]) {
    endBefore -= 1;
    endAfter -= 1;
  }
  if (endBefore === start && endAfter === start) return [];
  const head = before.slice(0, start).map((line) => ` ${line}`);
  const tail = before.slice(endBefore).map((line) => ` ${line}`);
  return withoutFarContext([
    ...head,
    ...diffMiddle(before.slice(start, endBefore), after.slice(start, endAfter)),
    ...tail,
  ]);
}

/** By the longest common subsequence. */
function diffMiddle(before: readonly string[], after: readonly string[]): string[] {
  if (before.length * after.length > maxProduct) return [...before.map((l) => `-${l}`), ...after.map((l) => `+${l}`)];
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number): number => common[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      common[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: string[] = [];
  let [row, column] = [0, 0];
  while (row < before.length || column < after.length) {
    if (row < before.length && column < after.length && before[row] === after[column]) {
      lines.push(` ${before[row]}`);
      row += 1;
      column += 1;
    } else if (column >= after.length || (row < before.length && at(row + 1, column) >= at(row, column + 1))) {
      lines.push(`-${before[row]}`);
      row += 1;
    } else {
      lines.push(`+${after[column]}`);
      column += 1;
    }
  }
  return lines;
}

function withoutFarContext(lines: readonly string[]): string[] {
  const isNear = lines.map(() => false);
  lines.forEach((line, index) => {
    if (line.startsWith(' ')) return;
    isNear.fill(true, Math.max(0, index - contextLines), index + contextLines + 1);
  });
  return lines.flatMap((line, index) => (isNear[index] ? [line] : isNear[index - 1] !== false ? ['…'] : []));
}
