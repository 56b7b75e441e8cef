export function countViolations(run: {
  pairs: readonly (readonly [number, number])[];
  records: readonly ({ startMs: number; endMs: number; seen: readonly number[] } | undefined)[];
  expected: readonly (readonly number[])[];
}): { outOfOrder: number; overlaps: number; wrongValues: number };
