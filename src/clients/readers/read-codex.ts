import type { JsonObject, JsonValue } from '../../core/json.ts';
import { valueAt } from '../client.ts';
import type { ClientRule, ReadClient } from '../client.ts';
import { entriesOf, takeNotes, textsOf } from './reading.ts';
import type { Notes } from './reading.ts';

/** What a mode of approval comes to as a rule; the others leave it to the hints of the tool. */
const listOfMode = new Map<JsonValue | undefined, ClientRule['list']>([
  ['approve', 'allow'],
  ['prompt', 'ask'],
]);

/**
 * Codex: `config.toml`.
 *
 * | key                                             | meaning                                                            | source                      |
 * | ----------------------------------------------- | ------------------------------------------------------------------ | --------------------------- |
 * | `mcp_servers.NAME.enabled_tools`                | no tools but these                                                 | its configuration reference |
 * | `mcp_servers.NAME.disabled_tools`               | not these, whatever `enabled_tools` says                           | the same                    |
 * | `mcp_servers.NAME.default_tools_approval_mode`  | `auto` (by the hints), `prompt`, `writes` (all but reads), `approve` | the same, and its change 17843 |
 * | `mcp_servers.NAME.tools.TOOL.approval_mode`     | the same of one tool; it beats the default                         | the same                    |
 * | `mcp_servers.NAME.enabled`                      | false: the server is not started                                   | the same                    |
 * | `approval_policy` `never` with `sandbox_mode` `danger-full-access`, also in `profiles.NAME` | nothing is asked      | the same; both together by what its users report |
 */
export const readCodex: ReadClient = (source) => {
  const notes = takeNotes(source);
  const { value } = source;
  addMode(notes, [], value);
  for (const [name, profile] of entriesOf(valueAt(value, 'profiles'))) addMode(notes, ['profiles', name], profile);
  for (const [name, entry] of entriesOf(valueAt(value, 'mcp_servers'))) {
    notes.server(['mcp_servers', name], name, entry);
    addServer(notes, name, entry);
  }
  return notes.reading;
};

function addMode(notes: Notes, path: readonly string[], settings: JsonValue | undefined): void {
  if (valueAt(settings, 'approval_policy') !== 'never') return;
  if (valueAt(settings, 'sandbox_mode') !== 'danger-full-access') return;
  notes.mode([...path, 'approval_policy'], 'approval_policy = "never" with sandbox_mode = "danger-full-access"');
}

function addServer(notes: Notes, server: string, entry: JsonObject): void {
  const path = ['mcp_servers', server];
  if (entry['enabled'] === false) {
    notes.leave([...path, 'enabled'], `${server}: enabled = false`, 'write enabled: false at its entry in servers');
  }
  if (Array.isArray(entry['enabled_tools'])) {
    const reason = 'a policy lists what is denied, and has no list of all that is allowed; deny the others by name';
    notes.leave([...path, 'enabled_tools'], `${server}: enabled_tools`, reason);
  }
  for (const { text } of textsOf(entry['disabled_tools'])) {
    const written = `${server}: disabled_tools ${text}`;
    notes.rule([...path, 'disabled_tools'], { list: 'deny', target: { server, tool: text }, written });
  }
  const add = (at: string[], mode: JsonValue | undefined, tool: string): void => {
    const written = `${[server, ...at.slice(path.length)].join('.')} = ${JSON.stringify(mode)}`;
    const list = listOfMode.get(mode);
    if (list !== undefined) notes.rule(at, { list, target: { server, tool }, written });
    else if (mode === 'writes') {
      notes.leave(at, written, 'a policy asks for single tools, or for those that are classed destructive');
    }
  };
  add([...path, 'default_tools_approval_mode'], entry['default_tools_approval_mode'], '*');
  for (const [tool, settings] of entriesOf(entry['tools'])) {
    add([...path, 'tools', tool, 'approval_mode'], settings['approval_mode'], tool);
  }
}
