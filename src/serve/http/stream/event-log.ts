import { createFifo, type Fifo } from './fifo.ts';

/** A message that was sent on a stream, kept for a client that comes back. */
export interface LoggedEvent {
  seq: number;
  line: string;
}

/** The messages of one session's streams, the newest of them. */
export interface EventLog {
  /**
   * Keeps a message and gives its number: rising within the session, whatever the stream. Where the message cannot be kept, what
   * `standIn` makes is kept in its place, for longer.
   */
  append(stream: number, line: string, standIn?: () => string): number;
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

/**
 * Opens logs that share one bound; where it is reached, the oldest message of all goes. A message over a bound is not kept at all.
 * Stand-ins have as much room again for themselves, within the same bounds, and go in the same way.
 */
export function createEventLogs({ maxEvents, maxChars, maxTotalChars }: EventLogLimits): () => EventLog {
  const openPair = (all: Shelf): { own: Shelf; add: (event: NewEvent) => void } => {
    const own = openShelf();
    const add = (event: NewEvent): void => {
      keep(event, [own, all]);
      while (own.events.size() > maxEvents || own.chars > maxChars) evictOldest(own);
      while (all.chars > maxTotalChars) evictOldest(all);
    };
    return { own, add };
  };
  const allMessages = openShelf();
  const allStandIns = openShelf();

  return () => {
    const messages = openPair(allMessages);
    const standIns = openPair(allStandIns);
    let lastSeq = 0;
    return {
      append(stream, line, standIn) {
        const seq = ++lastSeq;
        const onEvict = standIn && (() => standIns.add({ stream, seq, line: standIn() }));
        messages.add({ stream, seq, line, onEvict });
        return seq;
      },
      last: () => lastSeq,
      after: (stream, seq) =>
        [standIns, messages]
          .flatMap(({ own }) => own.events.values().filter((event) => event.stream === stream && event.seq > seq))
          .toSorted((one, other) => one.seq - other.seq),
      close() {
        clear(messages.own);
        clear(standIns.own);
      },
    };
  };
}

interface NewEvent extends LoggedEvent {
  stream: number;
  /** Called when it has had to make room. */
  onEvict?: (() => void) | undefined;
}

interface Kept extends NewEvent {
  /** Takes it from every shelf. */
  drop: () => void;
}

interface Shelf {
  events: Fifo<Kept>;
  chars: number;
}

function openShelf(): Shelf {
  return { events: createFifo(), chars: 0 };
}

function keep(event: NewEvent, shelves: readonly Shelf[]): void {
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

function evictOldest({ events }: Shelf): void {
  const oldest = events.first();
  oldest?.drop();
  oldest?.onEvict?.();
}

function clear({ events }: Shelf): void {
  while (events.size() > 0) events.first()?.drop();
}
