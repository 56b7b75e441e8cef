import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Place } from '../../core/place.ts';
import { shorten, valueAt } from '../client.ts';
import type { ClientMode, ClientRule, ClientServer, ClientSource, LeftOver, Reading } from '../client.ts';

/** Collects what one file says, each with its client and its place. */
export interface Notes {
  reading: Reading;
  rule(path: Path, rule: Pick<ClientRule, 'list' | 'target'> & { written: string }): void;
  mode(path: Path, written: string): void;
  leave(path: Path, written: string, reason: string): void;
  server(path: Path, name: string, launch: ClientServer['launch']): void;
}

type Path = readonly (string | number)[];

export function takeNotes({ file: { client }, placeOf }: ClientSource): Notes {
  const reading: Reading = { servers: [], rules: [], modes: [], left: [] };
  const at = (path: Path, written: string): ClientMode => ({
    client,
    place: placeOf(path),
    written: shorten(written),
  });
  return {
    reading,
    rule(path, { written, ...rule }) {
      reading.rules.push({ ...at(path, written), ...rule });
    },
    mode: (path, written) => void reading.modes.push(at(path, written)),
    leave(path, written, reason) {
      const left: LeftOver = { ...at(path, written), reason };
      reading.left.push(left);
    },
    server(path, name, launch) {
      const place: Place = placeOf(path);
      reading.servers.push({ client, name, place, ...(launch !== undefined && { launch }) });
    },
  };
}

/** The texts of a list with their indices; nothing where it is none. */
export function textsOf(value: JsonValue | undefined): { text: string; index: number }[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((text, index) => (typeof text === 'string' && text !== '' ? [{ text, index }] : []));
}

/** The entries of a mapping that are mappings themselves. */
export function entriesOf(value: JsonValue | undefined): [string, JsonObject][] {
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, entry]) => (isJsonObject(entry) ? [[name, entry]] : []));
}

/** How an entry starts or reaches its server, by the keys that nearly all clients use. */
export function launchOf(entry: JsonObject): ClientServer['launch'] {
  const { command, url, httpUrl, serverUrl } = entry;
  const address = [url, httpUrl, serverUrl].find((value) => typeof value === 'string');
  if (typeof command === 'string') {
    return { command, args: textsOf(entry['args']).map(({ text }) => text) };
  }
  if (typeof command !== 'object') return typeof address === 'string' ? { url: address } : undefined;
  // Zed, of earlier versions.
  const path = valueAt(command, 'path');
  return typeof path === 'string'
    ? { command: path, args: textsOf(valueAt(command, 'args')).map(({ text }) => text) }
    : undefined;
}
