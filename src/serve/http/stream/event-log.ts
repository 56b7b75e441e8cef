import { createFifo, type Fifo } from './fifo.ts';

/** A message that was sent on a stream, kept for a client that comes back. */
export interface LoggedEvent {
  seq: number;
  line: string;
}

/** The messages of one session's streams, the newest of them. */
export interface EventLog {
  /** Keeps a message and gives its number: rising within the session, whatever the stream. */
  append(stream: number, line: string): number;
  /** The number of the last message. */
  last(): number;
  /** What is still kept of a stream after the message with this number, in order. */
  after(stream: number, seq: number): LoggedEvent[];
  close(): void;
}

export interface EventLogLimits {
  /** Of one session. */
  maxEvents: number;
  maxChars: number;
  /** Of all sessions together. */
  maxTotalChars: number;
}

/** Opens logs that share one bound; where it is reached, the oldest message of all goes. A message over a bound is not kept at all. */
export function createEventLogs({ maxEvents, maxChars, maxTotalChars }: EventLogLimits): () => EventLog {
  const all = openShelf();

  return () => {
    const own = openShelf();
    let lastSeq = 0;
    return {
      append(stream, line) {
        keep({ stream, seq: ++lastSeq, line }, [own, all]);
        while (own.events.size() > maxEvents || own.chars > maxChars) dropOldest(own);
        while (all.chars > maxTotalChars) dropOldest(all);
        return lastSeq;
      },
      last: () => lastSeq,
      after: (stream, seq) => own.events.values().filter((event) => event.stream === stream && event.seq > seq),
      close() {
        while (own.events.size() > 0) dropOldest(own);
      },
    };
  };
}

interface Kept extends LoggedEvent {
  /** Takes it from every shelf. */
  drop: () => void;
  stream: number;
}

interface Shelf {
  events: Fifo<Kept>;
  chars: number;
}

function openShelf(): Shelf {
  return { events: createFifo(), chars: 0 };
}

function keep(event: Omit<Kept, 'drop'>, shelves: readonly Shelf[]): void {
  const kept: Kept = { ...event, drop: () => takeOut.forEach((take) => take()) };
  const takeOut = shelves.map((shelf) => {
    const take = shelf.events.push(kept);
    shelf.chars += event.line.length;
    return () => {
      take();
      shelf.chars -= event.line.length;
    };
  });
}

function dropOldest({ events }: Shelf): void {
  events.first()?.drop();
}
