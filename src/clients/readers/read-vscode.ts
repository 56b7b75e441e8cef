import { isJsonObject } from '../../core/json.ts';
import type { JsonValue } from '../../core/json.ts';
import { valueAt } from '../client.ts';
import type { ReadClient } from '../client.ts';
import { textOf } from '../entry/launch-of.ts';
import type { ExpansionPlace } from '../entry/variable-syntax.ts';
import { entriesOf, takeNotes } from './reading.ts';

/** More questions than anybody answers before a server starts. */
const maxInputs = 200;

/**
 * VS Code: `mcp.json` of a profile and of a folder, and its `settings.json`.
 *
 * | key                                       | meaning                                                      | source                        |
 * | ----------------------------------------- | ------------------------------------------------------------ | ----------------------------- |
 * | `servers`, `mcp.servers` of settings      | servers                                                      | its MCP configuration reference; the latter until 1.102 |
 * | `mcpServers`                              | the same, in files that were brought along                   | the same                      |
 * | `inputs`                                  | what its user is asked for: `id`, `description`, `default`   | the same                      |
 * | `chat.tools.global.autoApprove` of settings, earlier `chat.tools.autoApprove` | true: nothing is asked   | its documentation: settings   |
 */
export const readVscode: ReadClient = (source) => {
  const notes = takeNotes(source);
  const { value } = source;
  for (const key of ['chat.tools.global.autoApprove', 'chat.tools.autoApprove']) {
    if (valueAt(value, key) === true) notes.mode([key], `${key}: true`);
  }
  const homes = [
    { path: ['servers'], inputs: ['inputs'] },
    { path: ['mcpServers'], inputs: ['inputs'] },
    { path: ['mcp', 'servers'], inputs: ['mcp', 'inputs'] },
    // In one piece, as the settings of a folder may have it.
    { path: ['mcp.servers'], inputs: ['mcp.inputs'] },
  ];
  for (const { path, inputs } of homes) {
    const asked = askedOf(valueAt(value, ...inputs));
    for (const [name, entry] of entriesOf(valueAt(value, ...path))) {
      notes.server([...path, name], name, entry, { asked });
    }
  }
  return notes.reading;
};

function askedOf(inputs: JsonValue | undefined): ExpansionPlace['asked'] {
  const asked = new Map<string, { meaning: string; fallback?: string }>();
  for (const input of Array.isArray(inputs) ? inputs.slice(0, maxInputs) : []) {
    if (!isJsonObject(input)) continue;
    const { id, description } = input;
    if (typeof id !== 'string') continue;
    const fallback = textOf(input['default']);
    const meaning = typeof description === 'string' ? description : `what VS Code asks for as ${id}`;
    asked.set(id, { meaning, ...(fallback !== undefined && { fallback }) });
  }
  return asked;
}
