import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Problem } from '../../core/place.ts';
import { serverSchema } from '../schema/config-schema.ts';
import { problemAtKey } from '../source/source.ts';
import type { Path, Source } from '../source/source.ts';
import { suggest } from '../schema/suggest.ts';

const serverKeys = Object.keys(serverSchema.shape);
const stdioKeys = new Set(['args', 'env', 'cwd']);

/** True for a file of an MCP client: `mcpServers` and no `version`. */
export function isClientFile(value: JsonValue): value is JsonObject {
  return isJsonObject(value) && value['mcpServers'] !== undefined && value['version'] === undefined;
}

/** A client's file as a configuration of ours: what only that client understands is passed over with a warning. */
export function fromClientFile(file: JsonObject, source: Source): { value: JsonObject; warnings: Problem[] } {
  const warnings: Problem[] = [];
  const passOver = (path: Path, why: string): void => {
    warnings.push(problemAtKey(source, path, `${why}, so it is passed over`));
  };
  for (const key of Object.keys(file)) {
    if (key !== 'mcpServers' && key !== '$schema') passOver([key], "is the client's own key");
  }
  const servers = file['mcpServers'];
  const value: JsonObject = Object.create(null);
  value['version'] = 1;
  value['mcpServers'] = isJsonObject(servers) ? Object.create(null) : servers;
  if (isJsonObject(servers) && isJsonObject(value['mcpServers'])) {
    for (const [name, server] of Object.entries(servers)) {
      value['mcpServers'][name] = isJsonObject(server)
        ? fromClientServer(server, (key, why) => passOver(['mcpServers', name, key], why))
        : server;
    }
  }
  return { value, warnings };
}

function fromClientServer(server: JsonObject, passOver: (key: string, why: string) => void): JsonObject {
  const kept: JsonObject = Object.create(null);
  for (const [key, value] of Object.entries(server)) {
    if (key === 'disabled' && typeof value === 'boolean') {
      kept['enabled'] ??= !value;
    } else if (key === 'timeout' && typeof value === 'number') {
      passOver(
        key,
        'is seconds for some clients and milliseconds for others (write it in a configuration of ours, such as 30s)',
      );
    } else if (!serverKeys.includes(key)) {
      const near = suggest(key, serverKeys);
      passOver(key, near === undefined ? "is the client's own key" : `is an unknown key (did you mean ${near}?)`);
    } else if (stdioKeys.has(key) && server['url'] !== undefined && server['command'] === undefined) {
      passOver(key, 'is for servers that are started with command');
    } else {
      kept[key] = value;
    }
  }
  return kept;
}
