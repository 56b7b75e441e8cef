import type { Clock } from '../../core/clock.ts';
import type { Lock } from '../../core/lock.ts';
import type { CallError } from '../../core/outcome.ts';
import type { PlannedCall } from '../../core/plan.ts';
import { createLockIndex } from './lock-index.ts';

/** More than a few at once means that a server is in ruins; then what is newest says most. */
const maxMarks = 1_000;
/** ADR 12: what a lost connection left uncertain is mentioned for this long to those who came after its client was told. */
const mentionLostMs = 30_000;

/** When a client was told that the effect of a call is not known; absent: not yet. `order` tells apart what happens in one moment. */
export interface Told {
  at?: { ms: number; order: number };
}

/** A write that has ended without anybody learning whether it took effect. */
export interface UnknownWrite {
  call: Pick<PlannedCall, 'id' | 'server' | 'exposedName' | 'locks'>;
  /** Of the batch, or the passthrough call, that it belongs to. */
  age: number;
  told: Told;
  /** Nothing was heard of it, or its connection was lost with its answer. */
  why: 'silent' | 'lost';
}

/** A batch or a passthrough call: its place in the order of arrival, and the moment from which it knows what clients have been told. */
interface Sender {
  age: number;
  acceptedMs: number;
}

/** What uncertain keys mean to a call that is about to start. */
export type Doubt = { kind: 'skip'; error: CallError; told: Told } | { kind: 'warn'; warning: string };

/**
 * The keys that such writes have left uncertain (scheduling.md §4.3), each until a later write of it has succeeded; where nothing was
 * heard, also until the connection ends. No timers: what is over is found out when somebody asks.
 */
export interface UnknownKeys {
  /** To be told while the write still holds its locks. */
  add(write: UnknownWrite): void;
  /**
   * To be asked while the call holds its locks. A write is skipped where it was accepted before its author could know of the unknown
   * effect; otherwise, and where it reads, it runs with a warning. Nothing where no mark meets it.
   */
  judge(call: PlannedCall, sender: Sender): Doubt | undefined;
  /** A write with these locks has succeeded: what lies under them is certain again, and nothing else. */
  settle(locks: readonly Lock[]): void;
  /** What was under way on this server's connection can take effect no more. */
  connectionEnded(server: string): void;
  size(): number;
}

/** A write, and those of its locks under which it has left something uncertain that is so still. */
interface Mark {
  write: UnknownWrite;
  open: readonly Lock[];
}

export function createUnknownKeys(clock: Clock): UnknownKeys {
  const marks = new Set<Mark>();
  const index = createLockIndex<Mark>();

  const drop = (mark: Mark): void => {
    marks.delete(mark);
    index.remove(mark.open, mark);
  };
  const isOldNews = ({ why, told }: UnknownWrite, sender: Sender): boolean =>
    why === 'lost' && couldKnow(sender, told) && clock.now() - told.at!.ms > mentionLostMs;

  return {
    add(write) {
      const mark: Mark = { write, open: write.call.locks.filter(writes) };
      if (mark.open.length === 0) return;
      marks.add(mark);
      index.add(mark.open, mark);
      for (const oldest of marks) {
        if (marks.size <= maxMarks) break;
        drop(oldest);
      }
    },
    judge(call, sender) {
      if (marks.size === 0) return undefined;
      if (call.class !== 'read' && call.ignoresUnknown !== true) {
        for (const { write } of index.conflicting(call.locks.filter(writes))) {
          const { told } = write;
          if (!couldKnow(sender, told)) return { kind: 'skip', error: refusalOf(write, sender), told };
        }
      }
      for (const { write } of index.conflicting(call.locks)) {
        if (!isOldNews(write, sender)) return { kind: 'warn', warning: warningOf(write, sender) };
      }
      return undefined;
    },
    settle(locks) {
      if (marks.size === 0) return;
      const written = new Set(locks.filter(({ mode }) => mode === 'X').map(({ node }) => node));
      if (written.size === 0) return;
      for (const mark of index.conflicting(locks)) {
        const open = withoutWritten(mark.open, written);
        if (open.length === 0) drop(mark);
        else if (open.length < mark.open.length) {
          index.remove(mark.open, mark);
          mark.open = open;
          index.add(open, mark);
        }
      }
    },
    connectionEnded(server) {
      for (const mark of marks) {
        const { why, call } = mark.write;
        if (why === 'silent' && call.server === server) drop(mark);
      }
    },
    size: () => marks.size,
  };
}

function writes({ mode }: Lock): boolean {
  return mode === 'X' || mode === 'IX';
}

function couldKnow({ acceptedMs, age }: Sender, { at }: Told): boolean {
  return at !== undefined && acceptedMs >= at.ms && age > at.order;
}

/**
 * What is left of locks once everything at and below these nodes has been written. An intention goes with the last lock for the sake
 * of which it was there.
 */
function withoutWritten(locks: readonly Lock[], written: ReadonlySet<string>): Lock[] {
  const above = new Set(locks.flatMap(({ node }) => ancestorsOf(node)));
  const left = new Set(
    locks.filter(
      ({ node, mode }) =>
        (mode === 'X' || !above.has(node)) && ![node, ...ancestorsOf(node)].some((place) => written.has(place)),
    ),
  );
  const aboveLeft = new Set([...left].flatMap(({ node }) => ancestorsOf(node)));
  return locks.filter((lock) => left.has(lock) || aboveLeft.has(lock.node));
}

/** From its parent to the root. */
function ancestorsOf(node: string): string[] {
  const above: string[] = [];
  for (let place = node; place !== '';) {
    place = place.slice(0, Math.max(place.lastIndexOf('/'), 0));
    above.push(place);
  }
  return above;
}

function refusalOf({ call, age }: UnknownWrite, sender: Sender): CallError {
  const isOwn = age === sender.age;
  const name = isOwn ? `${call.id} (${call.exposedName})` : `an earlier call of ${call.exposedName}`;
  const message = `not sent: ${name} was to write what this one writes, and whether it took effect is not known; look first, then send this one again`;
  return { code: 'predecessor_unknown', message, retryable: true, ...(isOwn && { by: call.id }) };
}

function warningOf({ call, age }: UnknownWrite, sender: Sender): string {
  const name = age === sender.age ? `${call.id} (${call.exposedName})` : `an earlier call of ${call.exposedName}`;
  return `${name} was to write what this call touches, and whether it took effect is not known`;
}
