import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { maskSecrets } from '../../core/text/mask-secrets.ts';
import { showInvisible } from '../../core/text/show-invisible.ts';
import { measureValue } from './measure-value.ts';

/**
 * A call's arguments on one line, for a person who is asked about them: as JSON, secrets covered, whatever cannot be seen written out,
 * in about `maxChars` characters. Long texts lose their middle, since their end may be what matters, and long lists their end; what was
 * left out is counted outside of quotes, where no argument can write. For arguments no deeper than those that are accepted.
 */
export function showArguments(args: JsonObject, { maxChars }: { maxChars: number }): string {
  const masked = maskSecrets(args);
  const isLong = measureValue(masked, { most: maxChars }).chars > maxChars;
  let text = '';
  for (const room of isLong ? rooms : [wholly, ...rooms]) {
    text = showInvisible(write(masked, room));
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
    return `[${[...shown, ...left(value.length - shown.length)].join(',')}]`;
  }
  const fields = Object.entries(isJsonObject(value) ? value : {}).filter(([, inner]) => inner !== undefined);
  const shown = fields.slice(0, room.elements).map(([name, inner]) => `${writeText(name, room)}:${write(inner, room)}`);
  return `{${[...shown, ...left(fields.length - shown.length)].join(',')}}`;
}

function writeText(text: string, { chars }: Room): string {
  if (text.length <= chars) return JSON.stringify(text);
  const head = text.slice(0, Math.ceil((chars * 2) / 3));
  const tail = text.slice(text.length - Math.floor(chars / 3));
  return `${JSON.stringify(head)} …${count(text.length - head.length - tail.length)} characters… ${JSON.stringify(tail)}`;
}

function left(amount: number): string[] {
  return amount > 0 ? [`…and ${count(amount)} more`] : [];
}

function count(amount: number): string {
  return amount.toLocaleString('en-US');
}
