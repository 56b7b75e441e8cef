/**
 * Leaves out what is recorded as interrupted and once more as something else: a process that loses its file writes what it runs into
 * another one, and whoever has the first by then takes it for interrupted. `keyOf`: undefined for what cannot be told apart.
 */
export function withoutRepeated<T extends { status: string }>(
  records: readonly T[],
  keyOf: (record: T) => string | undefined,
): T[] {
  const others = new Set(records.filter(({ status }) => status !== 'interrupted').map(keyOf));
  others.delete(undefined);
  return records.filter((record) => record.status !== 'interrupted' || !others.has(keyOf(record)));
}
