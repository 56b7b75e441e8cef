import type { ClientId } from '../../clients/client.ts';
import { clientTitles } from '../../clients/client.ts';
import { readTarget } from '../../clients/registration/files/target-file.ts';
import { makeEntry } from '../../clients/registration/make-entry.ts';
import type { EntryContext } from '../../clients/registration/make-entry.ts';
import { traitsFor } from '../../clients/registration/plan-registration.ts';
import type { Target } from '../../clients/registration/registration.ts';
import { serversIn, serverTextOf } from '../../clients/registration/text/server-text.ts';
import type { ServerTable } from '../../clients/registration/text/server-text.ts';
import type { JsonObject } from '../../core/json.ts';

/** What a person would write into a client's file. */
export interface Snippet {
  client: ClientId;
  title: string;
  /** Where it belongs. */
  path: string;
  entry: JsonObject;
  /** A whole file with nothing else in it. */
  text: string;
}

/** The entry for a client as text, with where it belongs; the file is looked at, and need not be there or valid. */
export async function entrySnippet(
  target: Target,
  { name, context }: { name: string; context: EntryContext },
): Promise<Snippet> {
  const { client, path } = target;
  const read = await readTarget(path);
  const text = (read.ok ? read.text : undefined) ?? '';
  const traits = traitsFor(target, text);
  const others = serversIn(serverTextOf(traits.table).parse(text) ?? {}, traits.table);
  const entry = makeEntry(client, context, { traits, others });
  return { client, title: clientTitles[client], path, entry, text: entryText({ name, entry, table: traits.table }) };
}

interface NamedEntry {
  name: string;
  entry: JsonObject;
  table: ServerTable;
}

/** An entry as a whole text. */
export function entryText({ name, entry, table }: NamedEntry): string {
  return serverTextOf(table).put('', name, entry) ?? '';
}

/** An entry as it stands in a text, or a list, that is one line. */
export function entryInLine({ name, entry, table: { format } }: NamedEntry): string {
  return format === 'yaml' ? JSON.stringify({ name, ...entry }) : `${JSON.stringify(name)}: ${JSON.stringify(entry)}`;
}
