import type { JsonObject } from '../../core/json.ts';
import { canonicalJson, isJsonObject } from '../../core/json.ts';
import { removeJson, setJson, writeValue } from '../../clients/registration/text/json-text.ts';
import { addServers } from '../../config/edit/add-servers.ts';
import { openText, valueOf } from '../../config/edit/open-text.ts';
import type { NewServer } from '../../config/edit/render/render-servers.ts';
import { removeServer, withoutCommentAbove } from '../../config/edit/remove-server.ts';

/** The text of a configuration, in YAML or JSON, with the server as its last. Undefined where that cannot be done safely. */
export function withServer(text: string, { file, server }: { file: string; server: NewServer }): string | undefined {
  const opened = openText(text, file);
  const inJson = opened?.isJson === true ? inJsonText(text, { value: opened.value, server }) : undefined;
  return inJson !== undefined && hasServers(inJson, { file, value: opened?.value ?? {}, server })
    ? inJson
    : addServers(text, { file, servers: [server] });
}

/** The same without the server of this name, and without the comment right above it. */
export function withoutServer(text: string, { file, name }: { file: string; name: string }): string | undefined {
  const opened = openText(text, file);
  if (opened?.isJson !== true) return removeServer(text, { file, name });
  const key = keyOf(opened.value);
  const cut = removeJson(withoutCommentAbove(text, { file, name }), [key, name])?.text;
  // Of the last one the line ends within the braces stay.
  const inJson = cut?.replace(new RegExp(`("${key}"\\s*:\\s*\\{)\\s+\\}`), '$1}');
  const after = inJson === undefined ? undefined : valueOf(inJson, file);
  const { [name]: _, ...rest } = serversOf(opened.value);
  return after !== undefined && canonicalJson(after) === canonicalJson({ ...opened.value, [key]: rest })
    ? inJson
    : removeServer(text, { file, name });
}

/** The servers of a configuration as written, by name. */
export function serversOf(value: JsonObject): JsonObject {
  const servers = value[keyOf(value)];
  return isJsonObject(servers) ? servers : {};
}

function keyOf(value: JsonObject): 'servers' | 'mcpServers' {
  return isJsonObject(value['mcpServers']) ? 'mcpServers' : 'servers';
}

function inJsonText(
  text: string,
  { value, server: { name, entry } }: { value: JsonObject; server: NewServer },
): string | undefined {
  return setJson(text, [keyOf(value), name], writeValue(entry));
}

function hasServers(
  text: string,
  { file, value, server: { name, entry } }: { file: string; value: JsonObject; server: NewServer },
): boolean {
  const after = valueOf(text, file);
  const expected = { ...value, [keyOf(value)]: { ...serversOf(value), [name]: entry } };
  return after !== undefined && canonicalJson(after) === canonicalJson(expected);
}
