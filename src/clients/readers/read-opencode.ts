import type { JsonValue } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';
import { valueAt } from '../client.ts';
import type { ClientRule, ReadClient } from '../client.ts';
import { launchOf } from '../entry/launch-of.ts';
import { entriesOf, takeNotes } from './reading.ts';
import type { Notes } from './reading.ts';

/** Tools and occasions of its own that `permission` is about too. */
const ownTools = new Set(
  (
    'read edit write patch multiedit glob grep list bash task skill lsp question webfetch websearch codesearch ' +
    'todoread todowrite external_directory doom_loop'
  ).split(' '),
);
const decisions: ReadonlySet<JsonValue | undefined> = new Set(['allow', 'ask', 'deny']);

/**
 * opencode: `opencode.json`, `opencode.jsonc`.
 *
 * | key                       | meaning                                                                       | source                          |
 * | ------------------------- | ----------------------------------------------------------------------------- | ------------------------------- |
 * | `mcp.NAME`                | servers; an entry of nothing but `enabled` switches one of another file       | its documentation: MCP servers, config |
 * | `mcp.servers.NAME`        | the same, in its second version                                               | its documentation of that       |
 * | `permission`              | `allow`, `ask`, `deny` of everything, or by patterns of `SERVER_TOOL`; without one, allow | its documentation: permissions |
 * | `tools.PATTERN`           | false: not these, in earlier versions                                         | its documentation: tools        |
 */
export const readOpencode: ReadClient = (source) => {
  const notes = takeNotes(source);
  const { value } = source;
  addServers(notes, ['mcp'], value);
  const nested = valueAt(value, 'mcp', 'servers');
  if (isJsonObject(nested) && launchOf(nested) === undefined) addServers(notes, ['mcp', 'servers'], value);
  addPermissions(notes, valueAt(value, 'permission'));
  const tools = valueAt(value, 'tools');
  for (const [pattern, isOn] of isJsonObject(tools) ? Object.entries(tools) : []) {
    if (isOn === false) addRule(notes, { path: ['tools', pattern], pattern, list: 'deny' });
  }
  return notes.reading;
};

function addServers(notes: Notes, path: readonly string[], value: JsonValue): void {
  for (const [name, entry] of entriesOf(valueAt(value, ...path))) {
    if (launchOf(entry) !== undefined) notes.server([...path, name], name, entry);
    else if (entry['enabled'] === false) notes.off(name);
  }
}

function addPermissions(notes: Notes, permission: JsonValue | undefined): void {
  if (typeof permission === 'string') addDecision(notes, { path: ['permission'], pattern: '*', decision: permission });
  for (const [pattern, decision] of isJsonObject(permission) ? Object.entries(permission) : []) {
    addDecision(notes, { path: ['permission', pattern], pattern, decision });
  }
}

function addDecision(notes: Notes, rule: { path: string[]; pattern: string; decision: JsonValue | undefined }): void {
  const { path, pattern, decision } = rule;
  if (isJsonObject(decision)) {
    notes.leave(path, path.join('.'), 'it is about arguments; a policy can class by them, with "when"');
  } else if (pattern === '*' && decision === 'allow') {
    notes.mode(path, `${path.join('.')}: allow`);
  } else if (isDecision(decision)) {
    addRule(notes, { path, pattern, list: decision });
  }
}

function isDecision(decision: JsonValue | undefined): decision is ClientRule['list'] {
  return decisions.has(decision);
}

function addRule(notes: Notes, rule: { path: string[]; pattern: string; list: ClientRule['list'] }): void {
  const { path, pattern, list } = rule;
  const written = `${path.join('.')}: ${list}`;
  if (ownTools.has(pattern)) notes.leave(path, written, "it is about a tool of the client's own, no MCP tool");
  else if (/^\*+$/.test(pattern)) notes.rule(path, { list, target: { server: '*', tool: '*' }, written });
  else notes.rule(path, { list, target: { name: pattern, mark: '_' }, written });
}
