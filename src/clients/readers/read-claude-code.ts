import { valueAt } from '../client.ts';
import type { ClientRule, ReadClient } from '../client.ts';
import { entriesOf, takeNotes, textsOf } from './reading.ts';
import type { Notes } from './reading.ts';

const lists = ['allow', 'ask', 'deny'] as const;

/**
 * Claude Code: settings, and its files of servers.
 *
 * | key                                 | meaning                                                                    | source                        |
 * | ----------------------------------- | -------------------------------------------------------------------------- | ----------------------------- |
 * | `permissions.allow`, `ask`, `deny`  | rules; `mcp__server`, `mcp__server__tool`, `*` in either; deny, ask, allow | its documentation: permissions |
 * | an `allow` with `*` in the server   | passed over by the client                                                  | the same                      |
 * | an MCP rule with parentheses        | passed over by the client in settings files                                | the same                      |
 * | `permissions.defaultMode`           | `bypassPermissions`: nothing is asked                                      | the same: permission modes    |
 * | `mcpServers` of `.mcp.json`, `.claude.json` (also below `projects`) | servers; those of other folders are counted | its documentation: MCP        |
 * | `disabledMcpjsonServers`, `projects.PATH.disabledMcpServers` | servers that are not started                      | its documentation: settings; observed in such files |
 * | `projects.PATH.allowedTools`        | rules of a project, of earlier versions                                    | observed in such files        |
 */
export const readClaudeCode: ReadClient = (source) => {
  const notes = takeNotes(source);
  const { value, cwd } = source;
  for (const list of lists) {
    for (const { text, index } of textsOf(valueAt(value, 'permissions', list))) {
      addRule(notes, { path: ['permissions', list, index], list, text });
    }
  }
  for (const { text, index } of textsOf(valueAt(value, 'projects', cwd, 'allowedTools'))) {
    addRule(notes, { path: ['projects', cwd, 'allowedTools', index], list: 'allow', text });
  }
  if (valueAt(value, 'permissions', 'defaultMode') === 'bypassPermissions') {
    notes.mode(['permissions', 'defaultMode'], 'defaultMode: bypassPermissions');
  }
  for (const path of [[], ['projects', cwd]]) {
    for (const key of ['disabledMcpjsonServers', 'disabledMcpServers']) {
      for (const { text } of textsOf(valueAt(value, ...path, key))) notes.off(text);
    }
  }
  for (const path of [['mcpServers'], ['projects', cwd, 'mcpServers']]) {
    for (const [name, entry] of entriesOf(valueAt(value, ...path))) {
      notes.server([...path, name], name, entry);
    }
  }
  for (const [folder, project] of entriesOf(valueAt(value, 'projects'))) {
    if (folder === cwd) continue;
    for (const [name] of entriesOf(project['mcpServers'])) notes.elsewhere(folder, name);
  }
  return notes.reading;
};

function addRule(notes: Notes, rule: { path: (string | number)[]; list: ClientRule['list']; text: string }): void {
  const { path, list, text } = rule;
  const [, name = text] = /^([^(]*)\(/.exec(text) ?? [];
  // What stands in parentheses may be a command line with a password.
  const written = name === text ? text : `${name}(…)`;
  if (!name.startsWith('mcp__')) {
    notes.leave(path, written, "it is about a tool of the client's own, no MCP tool");
  } else if (name !== text) {
    notes.leave(path, written, 'it is about arguments, and the client passes such rules of MCP tools over');
  } else {
    notes.rule(path, { list, target: { name: name.slice('mcp__'.length), mark: '__' }, written });
  }
}
