import { valueAt } from '../client.ts';
import type { ReadClient } from '../client.ts';
import { entriesOf, takeNotes, textsOf } from './reading.ts';

/**
 * Clients that keep nothing but servers, in the form that Claude Desktop began with: `mcpServers`, by name.
 *
 * | client      | key                             | meaning                       | source                             |
 * | ----------- | ------------------------------- | ----------------------------- | ---------------------------------- |
 * | Windsurf    | `mcpServers.NAME.disabledTools` | not these                     | its documentation: Cascade, MCP    |
 * | Copilot CLI | `mcpServers.NAME.tools`         | no tools but these; `*`: all  | its documentation: MCP servers     |
 */
export const readMcpServers: ReadClient = (source) => {
  const notes = takeNotes(source);
  const { client } = source.file;
  for (const [server, entry] of entriesOf(valueAt(source.value, 'mcpServers'))) {
    const path = ['mcpServers', server];
    notes.server(path, server, entry);
    const refused = client === 'windsurf' ? textsOf(entry['disabledTools']) : [];
    for (const { text, index } of refused) {
      const written = `${server}.disabledTools ${text}`;
      notes.rule([...path, 'disabledTools', index], { list: 'deny', target: { server, tool: text }, written });
    }
    if (client !== 'copilot-cli' || !Array.isArray(entry['tools']) || entry['tools'].includes('*')) continue;
    const reason = 'a policy lists what is denied, and has no list of all that is allowed; deny the others by name';
    notes.leave([...path, 'tools'], `${server}.tools`, reason);
  }
  return notes.reading;
};
