/** The value below which `share` of the numbers lie; 0.5 is the median. */
export function quantile(numbers, share = 0.5) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
