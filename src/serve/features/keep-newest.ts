/** Sets a key of a map that holds `max` keys at most: the one that was set longest ago gives way. */
export function keepNewest<Key, Value>(
  map: Map<Key, Value>,
  { key, value, max }: { key: Key; value: Value; max: number },
): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.size > max ? map.keys().next() : undefined;
  if (oldest?.done === false) map.delete(oldest.value);
}
