import type { JsonObject } from '../../core/json.ts';
import { valueAt } from '../client.ts';
import type { ClientRule, ReadClient } from '../client.ts';
import { entriesOf, takeNotes } from './reading.ts';
import type { Notes } from './reading.ts';

const decisions = new Map<unknown, ClientRule['list']>([
  ['allow', 'allow'],
  ['confirm', 'ask'],
  ['deny', 'deny'],
]);
const patternLists = ['always_allow', 'always_confirm', 'always_deny'];

/**
 * Zed: `settings.json`.
 *
 * | key                                                      | meaning                                                   | source                              |
 * | -------------------------------------------------------- | --------------------------------------------------------- | ----------------------------------- |
 * | `agent.tool_permissions.default`                         | `allow`: nothing is asked but what rules name             | its documentation: tool permissions |
 * | `agent.tool_permissions.tools."mcp:SERVER:TOOL".default` | `allow`, `confirm`, `deny`; it beats the default above    | the same                            |
 * | … `.always_allow`, `always_confirm`, `always_deny`       | patterns of what the tool is called with                  | the same                            |
 * | `agent.always_allow_tool_actions`                        | true: nothing is asked, before version 0.224              | the same                            |
 * | `context_servers`                                        | servers                                                   | its documentation: MCP              |
 */
export const readZed: ReadClient = (source) => {
  const notes = takeNotes(source);
  const { value } = source;
  const permissions = ['agent', 'tool_permissions'];
  if (valueAt(value, ...permissions, 'default') === 'allow') {
    notes.mode([...permissions, 'default'], 'agent.tool_permissions.default: allow');
  }
  if (valueAt(value, 'agent', 'always_allow_tool_actions') === true) {
    notes.mode(['agent', 'always_allow_tool_actions'], 'agent.always_allow_tool_actions: true');
  }
  for (const [name, entry] of entriesOf(valueAt(value, ...permissions, 'tools'))) {
    addTool(notes, { path: [...permissions, 'tools', name], name, entry });
  }
  for (const [name, entry] of entriesOf(valueAt(value, 'context_servers'))) {
    notes.server(['context_servers', name], name, entry);
    if (entry['source'] === 'extension' && entry['command'] === undefined) {
      notes.leave(['context_servers', name], name, 'an extension starts it, and only Zed knows how');
    }
  }
  return notes.reading;
};

function addTool(notes: Notes, { path, name, entry }: { path: string[]; name: string; entry: JsonObject }): void {
  const [, server, tool] = /^mcp:(.+?):(.+)$/.exec(name) ?? [];
  if (server === undefined || tool === undefined) {
    notes.leave(path, name, "it is about a tool of the client's own, no MCP tool");
    return;
  }
  const decision = entry['default'];
  const list = decisions.get(decision);
  if (typeof decision === 'string' && list !== undefined) {
    const written = `${name}: ${decision}`;
    notes.rule([...path, 'default'], { list, target: { server, tool }, written });
  }
  for (const key of patternLists) {
    const patterns = entry[key];
    if (!Array.isArray(patterns) || patterns.length === 0) continue;
    notes.leave([...path, key], `${name}: ${key}`, 'it is about arguments; a policy can class by them, with "when"');
  }
}
