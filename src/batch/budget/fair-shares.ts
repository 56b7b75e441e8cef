/**
 * Divides `pool` so that who wants little gets all of it, and what they leave goes to the others in equal parts (max-min fairness).
 * Shares are whole numbers, at their index, no larger than wanted, and together no larger than the pool.
 */
export function fairShares(wants: readonly number[], pool: number): number[] {
  const shares = wants.map(() => 0);
  const smallestFirst = wants.map((want, index) => ({ want, index })).sort((a, b) => a.want - b.want);
  let rest = Math.max(0, Math.floor(pool));
  smallestFirst.forEach(({ want, index }, position) => {
    const share = Math.min(want, Math.floor(rest / (wants.length - position)));
    shares[index] = share;
    rest -= share;
  });
  return shares;
}
