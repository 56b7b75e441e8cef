import { valueAt } from '../client.ts';
import type { ReadClient } from '../client.ts';
import { entriesOf, launchOf, takeNotes } from './reading.ts';

/** Clients that keep nothing but servers, in the form that Claude Desktop began with: `mcpServers`, by name. */
export const readMcpServers: ReadClient = (source) => {
  const notes = takeNotes(source);
  for (const [server, entry] of entriesOf(valueAt(source.value, 'mcpServers'))) {
    notes.server(['mcpServers', server], server, launchOf(entry));
  }
  return notes.reading;
};
