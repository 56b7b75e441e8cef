import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Problem } from '../../core/place.ts';
import { expandText } from './expand-text.ts';
import type { Variables } from './expand-text.ts';
import { findSecrets } from './find-secrets.ts';
import { problemAt } from '../source/source.ts';
import type { Path, Source } from '../source/source.ts';

/**
 * Replaces the variables in every text of a server as written, whether or not the rest of it is right, so that all
 * problems come at once. `expanded` maps the JSON form of a path to its text (as
 * written where a variable is missing), `secrets` are the values that are never to be shown. No message holds an expanded text.
 */
export async function expandServer(
  server: JsonObject,
  where: { source: Source; path: Path },
  variables: Variables,
): Promise<{ expanded: Map<string, string>; secrets: readonly string[]; problems: Problem[] }> {
  const watched = findSecrets(variables);
  const expanded = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [steps, value] of textsOf(server)) {
    const path = [...where.path, ...steps];
    const written = typeof value === 'string' ? value : where.source.spellingOf(path);
    if (written === undefined) continue;
    const result = await expandText(written, watched.variables);
    const reasons = result.ok ? findFault(steps, written, result.text) : result.reasons;
    problems.push(...reasons.map((reason) => problemAt(where.source, path, reason)));
    expanded.set(JSON.stringify(path), result.ok ? result.text : written);
  }
  return { expanded, secrets: [...watched.secrets], problems };
}

function* textsOf(server: JsonObject): Generator<[Path, JsonValue]> {
  for (const key of ['command', 'cwd', 'url', 'args', 'env', 'headers', 'auth']) {
    const value = server[key];
    if (typeof value === 'string') yield [[key], value];
    if (!(isJsonObject(value) || Array.isArray(value))) continue;
    for (const [inner, element] of Object.entries(value)) {
      const isText = ['string', 'number', 'boolean'].includes(typeof element);
      if (isText && element !== undefined) yield [[key, Array.isArray(value) ? Number(inner) : inner], element];
    }
  }
}

/** What makes a text unusable where it goes. Only what the file itself says may be shown. */
function findFault([key, name]: Path, written: string, text: string): string[] {
  if (text.includes('\0')) return ['holds a zero byte after its variables were replaced; remove it'];
  if (key === 'url') return faultOfUrl(written, text);
  if (key === 'command' && text === '') {
    return [`${JSON.stringify(written)} is empty after its variables were replaced; write a command`];
  }
  if (key === 'env' && (name === '' || String(name).includes('='))) {
    return ['is not the name of a variable; write one such as LOG_LEVEL'];
  }
  if (key !== 'headers') return [];
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(String(name))) {
    return ['is not the name of an HTTP header; write one such as Authorization'];
  }
  // Header values are bytes on the wire; anything else fails at the first request, far from here.
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text)
    ? []
    : ['holds a line break or a character that HTTP headers cannot carry; check its variables'];
}

function faultOfUrl(written: string, text: string): string[] {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // Credentials in the text of a URL are secrets too.
  const shown = written.includes('@') ? 'this' : JSON.stringify(written);
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    return [`${shown} is not an http or https URL; write https://host/path`];
  }
  return url.username !== '' || url.password !== ''
    ? ['carries a user name or password; remove it and write headers: { Authorization: ... }']
    : [];
}
