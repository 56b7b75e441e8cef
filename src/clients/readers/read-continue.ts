import { isJsonObject } from '../../core/json.ts';
import { valueAt } from '../client.ts';
import type { ReadClient } from '../client.ts';
import { entryForms } from '../entry/entry-forms.ts';
import { shellSyntax } from '../entry/variable-syntax.ts';
import { entriesOf, takeNotes } from './reading.ts';

/**
 * Continue: `config.yaml`, and files of `.continue/mcpServers`.
 *
 * | key                                                   | meaning                                             | source                     |
 * | ----------------------------------------------------- | --------------------------------------------------- | -------------------------- |
 * | `mcpServers`, a list                                  | servers, each with its `name`                       | its reference: config.yaml |
 * | `mcpServers`, a mapping, in JSON                      | servers as other clients write them, with `${NAME}` | its documentation: MCP     |
 * | `experimental.modelContextProtocolServers` of `config.json` | servers without names, each in `transport`    | its reference of earlier versions |
 */
export const readContinue: ReadClient = (source) => {
  const notes = takeNotes(source);
  const { value, file } = source;
  const servers = valueAt(value, 'mcpServers');
  const isJson = file.path.endsWith('.json');
  const options = isJson ? { form: { ...entryForms.continue, syntax: shellSyntax } } : {};
  for (const [name, entry] of entriesOf(servers)) notes.server(['mcpServers', name], name, entry, options);
  for (const [index, entry] of (Array.isArray(servers) ? servers : []).entries()) {
    if (!isJsonObject(entry)) continue;
    const { name, uses } = entry;
    if (typeof name === 'string') notes.server(['mcpServers', index], name, entry, options);
    else if (typeof uses === 'string') {
      notes.leave(['mcpServers', index], `uses ${uses}`, 'what it is stands in a block that Continue fetches');
    }
  }
  const path = ['experimental', 'modelContextProtocolServers'];
  const earlier = valueAt(value, ...path);
  for (const [index, entry] of (Array.isArray(earlier) ? earlier : []).entries()) {
    const transport = isJsonObject(entry) ? entry['transport'] : undefined;
    if (!isJsonObject(transport)) continue;
    const name = isJsonObject(entry) && typeof entry['name'] === 'string' ? entry['name'] : `continue-${index + 1}`;
    notes.server([...path, index], name, transport);
  }
  return notes.reading;
};
