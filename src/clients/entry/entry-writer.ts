import { posix, win32 } from 'node:path';
import { isJsonObject } from '../../core/json.ts';
import type { JsonValue } from '../../core/json.ts';
import { shorten } from '../client.ts';
import type { ServerEntry } from '../client.ts';
import { convertText } from './convert-text.ts';
import { textOf } from './launch-of.ts';
import type { ExpansionPlace, VariableSyntax } from './variable-syntax.ts';

/** Of what could not be carried: more is not read by anybody. */
const maxLeft = 20;

/** Values of one entry in the words of our configuration; it remembers what they need, and what was lost on the way. */
export interface EntryWriter {
  text(key: string, written: string): string;
  /** Texts by name: environment or headers. */
  texts(key: string, value: JsonValue | undefined): Record<string, string>;
  /** Absolute, from `base`; nothing where the path is relative to nobody knows what. */
  path(key: string, written: string, base: string | undefined): string | undefined;
  leave(key: string, reason: string): void;
  inputs(): ServerEntry['inputs'];
  left(): ServerEntry['left'];
}

export function createEntryWriter(syntax: VariableSyntax | undefined, place: ExpansionPlace): EntryWriter {
  const left = new Map<string, string>();
  const inputs = new Map<string, string>();
  const { join, resolve, isAbsolute } = place.isWindows ? win32 : posix;
  const leave = (key: string, reason: string): void => {
    if (left.size < maxLeft) left.set(shorten(key), reason);
  };
  const toText = (key: string, written: string): string => {
    const converted = convertText(written, syntax, place);
    for (const { variable, meaning } of converted.inputs) inputs.set(variable, meaning);
    for (const reason of converted.reasons) leave(key, reason);
    return converted.text;
  };
  return {
    text: toText,
    texts(key, value) {
      const found: Record<string, string> = {};
      for (const [name, one] of isJsonObject(value) ? Object.entries(value) : []) {
        const text = textOf(one);
        if (text === undefined) leave(`${key}.${name}`, 'its value is no text');
        else if (!isName(name)) leave(`${key}.${name}`, 'it is no name');
        else found[name] = toText(key, text);
      }
      return found;
    },
    path(key, written, base) {
      const text = toText(key, written);
      if (text === '~' || /^~[\\/]/.test(text)) return join(place.home, text.slice(1));
      if (isAbsolute(text) || text.startsWith('${')) return text;
      if (base === undefined) {
        leave(key, 'it is relative, and nobody has written down to what the client takes it');
        return undefined;
      }
      if (place.isOfAllFolders && base === place.workspace) {
        leave(key, 'it is relative to the folder that is open; here that is the one in which it was read');
      }
      return resolve(base, text);
    },
    leave,
    inputs: () => [...inputs].map(([variable, meaning]) => ({ variable, meaning })),
    left: () => [...left].map(([key, reason]) => ({ key, reason })),
  };
}

/** Of a variable of the environment, or of a header. */
function isName(name: string): boolean {
  return name !== '__proto__' && /^[^=\0\s:]+$/.test(name);
}
