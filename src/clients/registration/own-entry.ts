import { canonicalJson, isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { startsMarshal } from '../../config/server/starts-marshal.ts';
import type { InstallRecord } from './files/record-store.ts';

/** Whether an entry starts mcp-marshal, of this installation or of another. */
export function isOwnEntry(
  present: JsonValue | undefined,
  { entry, script }: { entry?: JsonObject; script?: string },
): boolean {
  if (!isJsonObject(present)) return false;
  const words = wordsOf(present);
  const [command, ...args] = words;
  if (command === undefined) return false;
  if (startsMarshal(command, args) || (script !== undefined && words.includes(script))) return true;
  return entry !== undefined && canonicalJson(words) === canonicalJson(wordsOf(entry));
}

/** Whether an entry is the one that we wrote, wherever our program lay then; what a person has added to its arguments may be there, too. */
export function isOfRecord(present: JsonValue | undefined, { words: written }: Pick<InstallRecord, 'words'>): boolean {
  if (!isJsonObject(present)) return false;
  // Kept since a record has them.
  if (written === undefined) return true;
  const words = wordsOf(present);
  const program = written.find((word) => /[\\/]main\.[jt]s$/.test(word));
  return canonicalJson(words) === canonicalJson([...written]) || (program !== undefined && words.includes(program));
}

/** What an entry starts, and with what. */
export function wordsOf({ command, args }: JsonObject): string[] {
  return [command, args].flat().filter((word) => typeof word === 'string');
}
