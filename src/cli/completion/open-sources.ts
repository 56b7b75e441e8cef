import { formatCounted } from '../../batch/reply/format-amount.ts';
import { findTool } from '../../catalog/find-tool.ts';
import type { Catalog } from '../../catalog/build-catalog.ts';
import { isJsonObject } from '../../core/json.ts';
import type { JsonValue } from '../../core/json.ts';
import { recipePrefix } from '../../core/tool.ts';
import type { Config } from '../../config/config.ts';
import type { CliContext } from '../context.ts';
import { findJournal } from '../journal/find-journal.ts';
import type { JournalPlace } from '../journal/find-journal.ts';
import { formatDay, formatTime } from '../journal/render/local-time.ts';
import { openKeptCatalog } from '../proxy/kept-catalog.ts';
import type { Candidate } from './candidate.ts';
import type { Sources } from './complete-words.ts';

/** Who looks for an older one writes more of its id, or looks at the log. */
const maxBatches = 50;

/** What the configuration, the kept lists of tools and the journal say, read when it is asked for. Nothing is started and nothing written. */
export function openSources(context: CliContext, values: ReadonlyMap<string, string>): Sources {
  const { io, parts } = context;
  const configFile = values.get('--config') ?? context.configFile;
  const place = (): Promise<JournalPlace> =>
    findJournal({ configFile, stateDir: values.get('--state-dir'), env: io.env, cwd: io.cwd });
  const open = async (): Promise<{ config: Config; catalog: Catalog }> => {
    const file = configFile === undefined ? {} : { file: configFile };
    const config = await parts.loadConfig({ env: io.env, cwd: io.cwd, ...file });
    return { config, catalog: openKeptCatalog(config).catalog };
  };
  return {
    async tools() {
      const { config, catalog } = await open();
      return [
        ...catalog.listed.map(({ name, description = '' }) => ({ value: name, description })),
        ...config.recipes.map(({ name, description }) => ({ value: recipePrefix + name, description })),
      ];
    },
    async toolArguments(tool, typed) {
      const { config, catalog } = await open();
      const found = findTool(catalog, tool);
      const recipe = config.recipes.find(({ name }) => recipePrefix + name === tool);
      return argumentsOf(found.kind === 'found' ? found.entry.tool.inputSchema : recipe?.parameters, typed);
    },
    async batches() {
      const { stateDir, file } = await place();
      const reader = parts.readJournals({ stateDir, ...(file !== undefined && { file }) });
      try {
        return reader.batches({ limit: maxBatches }).map(({ batchId, acceptedAt, calls, status }) => ({
          value: batchId,
          description: `${formatDay(acceptedAt)} ${formatTime(acceptedAt).slice(0, 8)}, ${formatCounted(calls, 'call')}, ${status}`,
        }));
      } finally {
        reader.close();
      }
    },
    servers: async () => (await place()).servers.map((value) => ({ value, description: '' })),
  };
}

/** `key=` for each property; behind it the values that its schema lists. */
function argumentsOf(schema: JsonValue | undefined, typed: string): Candidate[] {
  const properties = isJsonObject(schema) && isJsonObject(schema['properties']) ? schema['properties'] : {};
  const known = new Map(Object.entries(properties));
  const [, key = '', mark = ''] = /^([^=:]+)(:?=)/.exec(typed) ?? [];
  const property = known.get(key);
  if (property !== undefined)
    return valuesOf(property).map((value) => ({ value: key + mark + value, description: '' }));
  return [...known].map(([name, inner]) => {
    const description = isJsonObject(inner) ? inner['description'] : undefined;
    return { value: `${name}=`, description: typeof description === 'string' ? description : '' };
  });
}

function valuesOf(property: JsonValue): string[] {
  if (!isJsonObject(property)) return [];
  if (property['type'] === 'boolean') return ['true', 'false'];
  const listed = property['enum'];
  return Array.isArray(listed) ? listed.filter((value) => typeof value === 'string') : [];
}
