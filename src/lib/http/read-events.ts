import { setImmediate } from 'node:timers/promises';

/** One event of a stream of server-sent events (WHATWG HTML, "Server-sent events"). */
export interface ServerEvent {
  id?: string;
  type: string;
  data: string;
}

export interface ReadEventsOptions {
  /** Of one event; a longer one ends the reading. */
  maxChars: number;
  /** Called with the pause that the server asks for before the stream is opened again. */
  onRetry: (retryMs: number) => void;
}

export class EventTooLong extends Error {
  override name = 'EventTooLong';
}

/** Events of one stream that are handled in one turn of the event loop, so that one that floods leaves the others theirs. */
const eventsPerTurn = 20;

/**
 * The events of a stream, in time linear in its length however it is cut into chunks. Events without data are yielded if they have
 * an id, since servers open streams with such. What stands after the last empty line is no event.
 * @throws EventTooLong; and whatever the stream throws
 */
export async function* readEvents(
  chunks: AsyncIterable<Uint8Array>,
  { maxChars, onRetry }: ReadEventsOptions,
): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  const splitter = createSplitter();
  let event = emptyEvent();
  let yielded = 0;
  for await (const chunk of chunks) {
    for (const line of splitter.push(decoder.decode(chunk, { stream: true }))) {
      if (line !== '') {
        addLine(event, line, onRetry);
        continue;
      }
      const { id, type, lines } = event;
      event = emptyEvent();
      if (lines.length > 0 || id !== undefined) {
        yield { type, data: lines.join('\n'), ...(id !== undefined && { id }) };
        yielded += 1;
        if (yielded % eventsPerTurn === 0) await setImmediate();
      }
    }
    if (event.chars + splitter.pendingChars() > maxChars) throw new EventTooLong();
  }
}

interface PartialEvent {
  id?: string;
  type: string;
  lines: string[];
  chars: number;
}

function emptyEvent(): PartialEvent {
  return { type: 'message', lines: [], chars: 0 };
}

function addLine(event: PartialEvent, line: string, onRetry: (retryMs: number) => void): void {
  const colon = line.indexOf(':');
  // A comment, sent to keep the connection alive.
  if (colon === 0) return;
  const field = colon === -1 ? line : line.slice(0, colon);
  const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
  if (field === 'data') {
    event.lines.push(value);
    event.chars += value.length + 1;
  } else if (field === 'event') event.type = value === '' ? 'message' : value;
  else if (field === 'id' && !value.includes('\0')) event.id = value;
  else if (field === 'retry' && /^\d{1,9}$/.test(value)) onRetry(Number(value));
}

/** Cuts text into lines at LF, CR and CRLF, also where a CRLF is cut in two. */
function createSplitter(): { push(text: string): string[]; pendingChars(): number } {
  // The unfinished line as the pieces it came in, joined once, when it is whole.
  let pieces: string[] = [];
  let chars = 0;
  let endedWithReturn = false;
  return {
    push(text) {
      if (text === '') return [];
      const rest = endedWithReturn && text.startsWith('\n') ? text.slice(1) : text;
      endedWithReturn = text.endsWith('\r');
      const lines = rest.split(/\r\n|\n|\r/);
      const last = lines.pop() ?? '';
      if (lines.length > 0) {
        lines[0] = pieces.join('') + lines[0];
        pieces = [];
        chars = 0;
      }
      if (last !== '') {
        pieces.push(last);
        chars += last.length;
      }
      return lines;
    },
    pendingChars: () => chars,
  };
}
