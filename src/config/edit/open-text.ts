import { isMap, parseDocument } from 'yaml';
import type { YAMLMap } from 'yaml';
import { jsonAsYaml } from '../source/json-as-yaml.ts';
import { parseSource } from '../source/parse-source.ts';
import type { JsonObject } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';

/** A file of ours, opened to be edited where its values stand: all that is not edited stays as it is, to the last blank. */
export interface OpenText {
  text: string;
  root: YAMLMap;
  value: JsonObject;
  /** What its lines end in. */
  newline: '\n' | '\r\n';
  /** It is JSON, in which every name has quotes. */
  isJson: boolean;
}

/** Nothing where the text is no valid mapping. `file` tells JSON from YAML. */
export function openText(text: string, file: string): OpenText | undefined {
  const value = valueOf(text, file);
  if (value === undefined) return undefined;
  const { contents } = parseDocument(jsonAsYaml(text, file), { uniqueKeys: false, logLevel: 'silent' });
  if (!isMap(contents)) return undefined;
  const isJson = /^\uFEFF?\s*(?:\/[/*]|\{)/.test(text);
  return { text, root: contents, value, newline: text.includes('\r\n') ? '\r\n' : '\n', isJson };
}

/** What the text says, by the parser that the program reads it with. */
export function valueOf(text: string, file: string): JsonObject | undefined {
  const value = parseSource(text, file).source?.value;
  return isJsonObject(value) ? value : undefined;
}
