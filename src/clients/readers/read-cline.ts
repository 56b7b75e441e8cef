import { valueAt } from '../client.ts';
import type { ReadClient } from '../client.ts';
import { entriesOf, launchOf, takeNotes, textsOf } from './reading.ts';

/**
 * Cline: `cline_mcp_settings.json`.
 *
 * | key                           | meaning                                                                    | source                          |
 * | ----------------------------- | -------------------------------------------------------------------------- | ------------------------------- |
 * | `mcpServers.NAME.autoApprove` | tools that are not asked about, where the user lets MCP tools be approved  | its documentation: MCP          |
 * | `mcpServers.NAME.alwaysAllow` | the same, in files of its relatives                                        | documentation of those          |
 * | `mcpServers.NAME.disabled`    | the server is not started                                                  | its documentation: MCP          |
 */
export const readCline: ReadClient = (source) => {
  const notes = takeNotes(source);
  for (const [server, entry] of entriesOf(valueAt(source.value, 'mcpServers'))) {
    const path = ['mcpServers', server];
    notes.server(path, server, launchOf(entry));
    for (const key of ['autoApprove', 'alwaysAllow']) {
      for (const { text, index } of textsOf(entry[key])) {
        const written = `${server}.${key} ${text}`;
        notes.rule([...path, key, index], { list: 'allow', target: { server, tool: text }, written });
      }
    }
    if (entry['disabled'] === true) {
      notes.leave([...path, 'disabled'], `${server}.disabled: true`, 'write enabled: false at its entry in servers');
    }
  }
  return notes.reading;
};
