import { parse as parseToml, stringify as stringifyToml } from 'smol-toml';
import { parseDocument } from 'yaml';
import type { JsonObject, JsonValue } from '../../../core/json.ts';
import { isJsonObject } from '../../../core/json.ts';
import { parseJsonSettings } from '../../source/parse-json-settings.ts';
import { toJsonValue } from '../../source/to-json-value.ts';
import { removeJson, setJson, writeValue } from './json-text.ts';
import { newlineOf } from './lines.ts';
import { appendTable, removeTable, replaceTable, setTableFlag } from './toml-text.ts';
import { appendItem, bringItem, removeItem } from './yaml-text.ts';

/** A text with a servers' table somewhere in it. Each edit gives the new text, or nothing where it is written in a way that is not edited safely. */
export interface ServerText {
  /** All that the text says. Nothing where it is not valid. An empty text says nothing, and is valid. */
  parse(text: string): JsonObject | undefined;
  /** The entry of a server, written in the style of the text; in the place of one of the same name. */
  put(text: string, name: string, entry: JsonObject): string | undefined;
  /** Takes an entry out; `removed` is for `bring`. */
  take(text: string, name: string): { text: string; removed: string } | undefined;
  bring(text: string, name: string, removed: string): string | undefined;
  /** Sets a switch of an entry, or takes the switch out of it. */
  flag(text: string, name: string, flag: { key: string; value: boolean | undefined }): string | undefined;
}

/** `path` is where the servers are: keys from the root. */
export type ServerTable =
  | { format: 'json' | 'toml'; path: readonly string[] }
  | { format: 'yaml'; path: readonly [string] };

/** How the servers of a file are edited where they stand. A mark of the byte order stays where it is. */
export function serverTextOf({ format, path }: ServerTable): ServerText {
  const inner = format === 'json' ? jsonText(path) : format === 'toml' ? tomlText(path) : yamlText(path[0] ?? '');
  const below = <T>(text: string, edit: (body: string) => T): { mark: string; result: T } => {
    const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
    return { mark, result: edit(text.slice(mark.length)) };
  };
  const edited = (text: string, edit: (body: string) => string | undefined): string | undefined => {
    const { mark, result } = below(text, (body) => attempt(() => edit(body)));
    return result === undefined ? undefined : mark + result;
  };
  return {
    parse: (text) => below(text, (body) => (body.trim() === '' ? {} : attempt(() => inner.parse(body)))).result,
    put: (text, name, entry) => edited(text, (body) => inner.put(body, name, entry)),
    take(text, name) {
      const { mark, result } = below(text, (body) => attempt(() => inner.take(body, name)));
      return result === undefined ? undefined : { text: mark + result.text, removed: result.removed };
    },
    bring: (text, name, removed) => edited(text, (body) => inner.bring(body, name, removed)),
    flag: (text, name, flag) => edited(text, (body) => inner.flag(body, name, flag)),
  };
}

/** The entries of a servers' table by name. */
export function serversIn(value: JsonObject, { format, path }: ServerTable): JsonObject {
  let found: JsonValue | undefined = value;
  for (const key of path) found = isJsonObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  if (format !== 'yaml') return isJsonObject(found) ? found : {};
  const items = Array.isArray(found) ? found.filter(isJsonObject) : [];
  return Object.fromEntries(items.flatMap((item) => (typeof item['name'] === 'string' ? [[item['name'], item]] : [])));
}

function jsonText(path: readonly string[]): ServerText {
  // An empty file is what some clients begin with.
  const filled = (text: string): string => (text.trim() === '' ? `{}${newlineOf(text)}` : text);
  return {
    parse(text) {
      const parsed = parseJsonSettings(text, '');
      return parsed.ok && isJsonObject(parsed.value) ? parsed.value : undefined;
    },
    put: (text, name, entry) => setJson(filled(text), [...path, name], writeValue(entry)),
    take: (text, name) => removeJson(text, [...path, name]),
    bring: (text, name, removed) => setJson(filled(text), [...path, name], () => removed),
    flag: (text, name, { key, value }) =>
      value === undefined
        ? removeJson(text, [...path, name, key])?.text
        : setJson(text, [...path, name, key], writeValue(value)),
  };
}

function tomlText(path: readonly string[]): ServerText {
  const parse = (text: string): JsonObject | undefined => {
    const value = toJsonValue(parseToml(text, { maxDepth: 100 }));
    return isJsonObject(value) ? value : undefined;
  };
  return {
    parse,
    put(text, name, entry) {
      // With its way from the root, so that what is below it has a header that is whole.
      const whole = [...path, name].reduceRight<JsonObject>((inner, key) => ({ [key]: inner }), entry);
      const table = `${stringifyToml(whole).trimEnd()}\n`;
      const value = parse(text);
      const isThere = value !== undefined && Object.hasOwn(serversIn(value, { format: 'toml', path }), name);
      return isThere ? replaceTable(text, [...path, name], table) : appendTable(text, table);
    },
    take: (text, name) => removeTable(text, [...path, name]),
    bring: (text, _name, removed) => appendTable(text, removed.replaceAll('\r\n', '\n')),
    flag: (text, name, { key, value }) => setTableFlag(text, { path: [...path, name], key, value }),
  };
}

function yamlText(key: string): ServerText {
  return {
    parse(text) {
      const document = parseDocument(text, { logLevel: 'silent' });
      const value = document.errors.length > 0 ? undefined : toJsonValue(document.toJS({ maxAliasCount: 100 }));
      // Comments alone.
      return value === null ? {} : isJsonObject(value) ? value : undefined;
    },
    put(text, name, entry) {
      const item = { name, ...entry };
      const without = removeItem(text, { key, name });
      return appendItem(without?.text ?? text, { key, item });
    },
    take: (text, name) => removeItem(text, { key, name }),
    bring: (text, _name, removed) => bringItem(text, { key, kept: removed }),
    flag: () => undefined,
  };
}

/** Parsers throw at nesting by the thousand, and at what is not valid. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
