/** For each call the number of calls on its longest chain of successors, itself included: what would be delayed with it. */
export function pathLengths(after: readonly (readonly number[])[]): number[] {
  const lengths = after.map(() => 1);
  // Predecessors stand earlier, so from the end every successor is final before it is used.
  for (let index = after.length - 1; index >= 0; index -= 1) {
    const throughThis = (lengths[index] ?? 1) + 1;
    for (const earlier of after[index] ?? []) lengths[earlier] = Math.max(lengths[earlier] ?? 1, throughThis);
  }
  return lengths;
}
