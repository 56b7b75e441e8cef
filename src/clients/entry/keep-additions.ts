import { canonicalJson, isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';

/** Its name in a list, and ways of starting or reaching a server: another one would be beside ours. */
const notAdded: ReadonlySet<string> = new Set(['name', 'command', 'args', 'url', 'httpUrl', 'serverUrl']);

/**
 * An entry that is written anew, with what has come into the one that is there: variables and tokens that its user has set, tools that the
 * client was told to let pass. What both have is as we write it, and no switch has it off.
 */
export function keepAdditions(entry: JsonObject, present: JsonValue | undefined): JsonObject {
  if (!isJsonObject(present)) return entry;
  const added = Object.entries(present).filter(
    ([key, value]) => !Object.hasOwn(entry, key) && !notAdded.has(key) && !isOff(key, value),
  );
  const both = Object.entries(entry).map(([key, value]) => [key, together(key, value, present[key])] as const);
  return Object.fromEntries([...both, ...added]);
}

/** Whether a client has an entry and does not start it. */
export function isSwitchedOff(present: JsonValue | undefined): boolean {
  return isJsonObject(present) && Object.entries(present).some(([key, value]) => isOff(key, value));
}

function isOff(key: string, value: JsonValue | undefined): boolean {
  return (key === 'disabled' && value === true) || (key === 'enabled' && value === false);
}

/** Variables stand beside each other: by name with their values, or, for Codex, as names alone. */
function together(key: string, ours: JsonValue | undefined, theirs: JsonValue | undefined): JsonValue | undefined {
  // Whoever has left fewer of them wants no more.
  if (key === 'tools' && Array.isArray(theirs)) return theirs;
  if (key === 'env' && isJsonObject(ours) && isJsonObject(theirs)) return { ...theirs, ...ours };
  if (key !== 'env_vars' || !Array.isArray(ours) || !Array.isArray(theirs)) return ours;
  const known = new Set(ours.map(canonicalJson));
  return [...ours, ...theirs.filter((one) => !known.has(canonicalJson(one)))];
}
