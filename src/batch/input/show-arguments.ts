import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { maskSecrets } from '../../core/text/mask-secrets.ts';
import { showInvisible } from '../../core/text/show-invisible.ts';
import { measureValue } from './measure-value.ts';

/**
 * A call's arguments on one line, for a person who is asked about them: as JSON, secrets covered, whatever cannot be seen written out,
 * in about `maxChars` characters. Long texts lose their middle, since their end may be what matters, and long lists their end; what was
 * left out is counted outside of quotes, where no argument can write. For arguments no deeper than those that are accepted. `known`: the
 * fields that the tool knows, which stand first and are all shown before any other, so that nothing can be hidden behind junk.
 */
export function showArguments(
  args: JsonObject,
  { maxChars, known = [] }: { maxChars: number; known?: readonly string[] },
): string {
  const masked = maskSecrets(args);
  const isLong = measureValue(masked, { most: maxChars }).chars > maxChars;
  let text = '';
  for (const room of isLong ? rooms : [wholly, ...rooms]) {
    text = showInvisible(isJsonObject(masked) ? writeFields(masked, { room, known }) : write(masked, room));
    if (text.length <= maxChars) return text;
  }
  const cut = text.slice(0, maxChars).replace(/[\ud800-\udbff]$/, '');
  return `${cut} …${count(text.length - cut.length)} more characters`;
}

/** How much of a text is shown, and of how many elements or fields anything is. */
interface Room {
  chars: number;
  elements: number;
}

/** Tools have a handful of fields; of one with more the required ones come first. */
const maxKnown = 40;

const wholly: Room = { chars: Infinity, elements: Infinity };
/** From generous to tight: the first with which everything fits. */
const rooms: readonly Room[] = [
  { chars: 2_000, elements: 100 },
  { chars: 600, elements: 40 },
  { chars: 200, elements: 20 },
  { chars: 80, elements: 10 },
  { chars: 40, elements: 6 },
  { chars: 20, elements: 3 },
];

function write(value: JsonValue | undefined, room: Room): string {
  if (typeof value === 'string') return writeText(value, room);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) {
    const shown = value.slice(0, room.elements).map((element) => write(element, room));
    return `[${[...shown, ...left(value.length - shown.length, 'more')].join(',')}]`;
  }
  return isJsonObject(value) ? writeFields(value, { room, known: [] }) : 'null';
}

function writeFields(value: JsonObject, { room, known }: { room: Room; known: readonly string[] }): string {
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
  // Sorted here and not in the object: there, names that are numbers always stand first.
  const places = new Map(known.slice(0, maxKnown).map((name, place) => [name, place] as const));
  const first = fields.filter(([name]) => places.has(name)).toSorted(([a], [b]) => places.get(a)! - places.get(b)!);
  const others = fields.filter(([name]) => !places.has(name)).slice(0, Math.max(0, room.elements - first.length));
  const shown = [...first, ...others].map(([name, inner]) => `${writeText(name, room)}:${write(inner, room)}`);
  return `{${[...shown, ...left(fields.length - shown.length, 'more fields that are not shown')].join(',')}}`;
}

function writeText(text: string, { chars }: Room): string {
  if (text.length <= chars) return JSON.stringify(text);
  const head = text.slice(0, Math.ceil((chars * 2) / 3));
  const tail = text.slice(text.length - Math.floor(chars / 3));
  return `${JSON.stringify(head)} …${count(text.length - head.length - tail.length)} characters… ${JSON.stringify(tail)}`;
}

function left(amount: number, what: string): string[] {
  return amount > 0 ? [`…and ${count(amount)} ${what}`] : [];
}

function count(amount: number): string {
  return amount.toLocaleString('en-US');
}
