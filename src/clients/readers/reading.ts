import { posix, win32 } from 'node:path';
import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { entryForms } from '../entry/entry-forms.ts';
import type { EntryForm } from '../entry/entry-forms.ts';
import { toServerEntry } from '../entry/to-server-entry.ts';
import type { ExpansionPlace } from '../entry/variable-syntax.ts';
import { shorten } from '../client.ts';
import type { ClientMode, ClientRule, ClientServer, ClientSource, FileReading, LeftOver } from '../client.ts';

/** Of one file; nobody has a tenth of them. */
const maxServers = 1000;

/** Collects what one file says, each with its client and its place. */
export interface Notes {
  reading: FileReading;
  rule(path: Path, rule: Pick<ClientRule, 'list' | 'target'> & { written: string }): void;
  mode(path: Path, written: string): void;
  leave(path: Path, written: string, reason: string): void;
  /** A server by its entry. `form` and `asked`: where this file writes otherwise than its client usually does. */
  server(path: Path, name: string, entry: JsonObject, options?: ServerOptions): void;
  /** A server that another file may define is switched off here. */
  off(name: string): void;
  /** A server of another folder. */
  elsewhere(folder: string, name: string): void;
}

interface ServerOptions {
  form?: EntryForm;
  asked?: ExpansionPlace['asked'];
}

type Path = readonly (string | number)[];

export function takeNotes({ file, placeOf, cwd, home, platform }: ClientSource): Notes {
  const { client } = file;
  const reading: FileReading = { servers: [], rules: [], modes: [], left: [], off: [], envFiles: [] };
  const isWindows = platform === 'win32';
  const expansion: ExpansionPlace = {
    client,
    home,
    workspace: cwd,
    directory: (isWindows ? win32 : posix).dirname(file.path),
    isWindows,
    isOfAllFolders: file.scope !== 'project',
    asked: new Map(),
  };
  let isFull = false;
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
    server(path, name, raw, { form = entryForms[client], asked = expansion.asked } = {}) {
      if (reading.servers.length >= maxServers) {
        if (!isFull) this.leave(path, name, `it and those after it are more than ${maxServers} servers`);
        isFull = true;
        return;
      }
      const { launch, entry, envFile, reason } = toServerEntry(raw, { form, place: { ...expansion, asked } });
      const parts = { ...(launch !== undefined && { launch }), ...(entry !== undefined && { entry }) };
      const server: ClientServer = { client, name, place: placeOf(path), ...parts };
      reading.servers.push(server);
      if (envFile !== undefined) reading.envFiles.push({ server, path: envFile });
      if (reason !== undefined) this.leave(path, name, reason);
    },
    off: (name) => void reading.off.push(name),
    elsewhere(folder, name) {
      const found = (reading.elsewhere ??= []);
      if (found.length < maxServers) found.push({ client, name, folder });
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
