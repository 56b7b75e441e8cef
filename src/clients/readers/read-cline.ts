import { valueAt } from '../client.ts';
import type { ReadClient } from '../client.ts';
import { entriesOf, takeNotes, textsOf } from './reading.ts';

const lists = [
  ['autoApprove', 'allow'],
  ['alwaysAllow', 'allow'],
  ['disabledTools', 'deny'],
] as const;

/**
 * Cline: `cline_mcp_settings.json`; Roo Code, which came from it: `mcp_settings.json` and `.roo/mcp.json`.
 *
 * | key                             | meaning                                                                    | source                           |
 * | ------------------------------- | -------------------------------------------------------------------------- | -------------------------------- |
 * | `mcpServers.NAME.autoApprove`   | tools that are not asked about, where the user lets MCP tools be approved  | Cline's documentation: MCP       |
 * | `mcpServers.NAME.alwaysAllow`   | the same                                                                   | Roo Code's documentation: MCP    |
 * | `mcpServers.NAME.disabledTools` | not these                                                                  | the same                         |
 * | `mcpServers.NAME.disabled`      | the server is not started                                                  | both                             |
 */
export const readCline: ReadClient = (source) => {
  const notes = takeNotes(source);
  for (const [server, entry] of entriesOf(valueAt(source.value, 'mcpServers'))) {
    const path = ['mcpServers', server];
    notes.server(path, server, entry);
    for (const [key, list] of lists) {
      for (const { text, index } of textsOf(entry[key])) {
        const written = `${server}.${key} ${text}`;
        notes.rule([...path, key, index], { list, target: { server, tool: text }, written });
      }
    }
    if (entry['disabled'] === true) {
      notes.leave([...path, 'disabled'], `${server}.disabled: true`, 'write enabled: false at its entry in servers');
    }
  }
  return notes.reading;
};
