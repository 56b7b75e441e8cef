// What went wrong in a run, from what its servers logged.

/**
 * @param pairs    [earlier, later] indices of calls that touch the same thing
 * @param records  per call, at its index: when its server started and ended it, and what it saw; absent for one that was never served
 * @param expected per call what it sees when all run one by one
 * @returns outOfOrder: pairs whose later call ended before the earlier began; overlaps: pairs that ran at the same time;
 *          wrongValues: calls that saw something else
 */
export function countViolations({ pairs, records, expected }) {
  let outOfOrder = 0;
  let overlaps = 0;
  for (const [earlier, later] of pairs) {
    const [a, b] = [records[earlier], records[later]];
    if (a === undefined || b === undefined) continue;
    if (b.endMs <= a.startMs) outOfOrder++;
    else if (b.startMs < a.endMs) overlaps++;
  }
  const wrongValues = records.filter(
    (record, n) => record !== undefined && String(record.seen) !== String(expected[n]),
  ).length;
  return { outOfOrder, overlaps, wrongValues };
}
