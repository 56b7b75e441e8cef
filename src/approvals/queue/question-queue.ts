import type { ApprovalOwner, ApprovalSubject, QueuedQuestion } from '../../core/approval.ts';
import type { Clock } from '../../core/clock.ts';
import { createQuestionIds } from './question-ids.ts';

/** Where a question comes from. */
export interface From {
  batchId?: string;
  callId: string;
  /** Of a batch with an idempotency key: sent again under that, it is answered from the record. */
  isKeyed?: boolean;
}

/** One question that waits, as whoever answers it sees it. */
export interface OpenQuestion {
  id: string;
  owner: ApprovalOwner;
  subject: ApprovalSubject;
  from: From;
  /** By the clock. */
  askedMs: number;
  expiresMs: number;
  /** Whether a call waits for the answer; else a yes is for the same call, sent again. */
  isAwaited: boolean;
}

/** What happens in the queue. */
export type QueueEvent =
  | { event: 'asked'; question: OpenQuestion }
  | { event: 'ended'; id: string; how: 'yes' | 'no' | 'expired' | 'withdrawn' };

export interface QuestionQueue {
  /** Nothing where the queue is full. */
  add(owner: ApprovalOwner, subject: ApprovalSubject, from: From): QueuedQuestion | undefined;
  /** In the order in which they were asked. */
  list(): OpenQuestion[];
  find(id: string): OpenQuestion | undefined;
  /** Answers one question. `isForAll`: a yes is for everybody who waits for it, not for one call. */
  answer(id: string, answer: 'yes' | 'no', options?: { isForAll: boolean }): void;
  /** Calls `listener` with whatever happens from now on. Returns what ends that. */
  onEvent(listener: (event: QueueEvent) => void): () => void;
  /** Ends every question as `expired`. */
  close(): void;
}

/** More than a person reads through; a client that asks without end leaves room for others. */
const maxQuestions = 200;
const maxOfOneOwner = 50;
/** As many calls as the largest batch may hold. */
const maxWaiters = 1_000;

type Ending = 'yes' | 'no' | 'expired';

interface Waiter {
  resolve: (ending: Ending) => void;
  hasLeft: boolean;
}

interface Entry extends Omit<OpenQuestion, 'isAwaited'> {
  waiters: Set<Waiter>;
  cancelTimer: () => void;
}

export function createQuestionQueue(options: { clock: Clock; expiresMs: () => number }): QuestionQueue {
  const { clock } = options;
  const nextId = createQuestionIds();
  const entries = new Map<string, Entry>();
  const listeners = new Set<(event: QueueEvent) => void>();

  const tell = (event: QueueEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const open = (question: Pick<Entry, 'owner' | 'subject' | 'from' | 'expiresMs' | 'waiters'>): Entry => {
    const id = nextId();
    const askedMs = clock.now();
    const cancelTimer = clock.after(Math.max(0, question.expiresMs - askedMs), () => end(entry, 'expired'));
    const entry: Entry = { ...question, id, askedMs, cancelTimer };
    entries.set(id, entry);
    return entry;
  };
  const remove = (entry: Entry, how: Ending | 'withdrawn'): void => {
    entries.delete(entry.id);
    entry.cancelTimer();
    tell({ event: 'ended', id: entry.id, how });
  };
  const end = (entry: Entry, ending: Ending): void => {
    remove(entry, ending);
    for (const waiter of entry.waiters) waiter.resolve(ending);
  };
  /** The waiter may have moved on to a question that took the place of the one that it came with. */
  const entryOf = (waiter: Waiter): Entry | undefined =>
    [...entries.values()].find(({ waiters }) => waiters.has(waiter));

  const answerOne = (entry: Entry): void => {
    remove(entry, 'yes');
    const [first, ...others] = [...entry.waiters].filter(({ hasLeft }) => !hasLeft);
    for (const waiter of entry.waiters) if (waiter === first || waiter.hasLeft) waiter.resolve('yes');
    // Told of before the first goes on: what it does may change the queue.
    if (others.length > 0) tell({ event: 'asked', question: toOpen(open({ ...entry, waiters: new Set(others) })) });
  };

  return {
    add(owner, subject, from) {
      const same = [...entries.values()].find((entry) => isSame(entry, { owner, subject }));
      if (same === undefined && !hasRoom([...entries.values()], owner)) return undefined;
      if (same !== undefined && same.waiters.size >= maxWaiters) return undefined;
      const expiresMs = clock.now() + options.expiresMs();
      const entry = same ?? open({ owner, subject, from, expiresMs, waiters: new Set() });
      const { promise, resolve } = withResolver<Ending>();
      const waiter: Waiter = { resolve, hasLeft: false };
      entry.waiters.add(waiter);
      if (same === undefined) tell({ event: 'asked', question: toOpen(entry) });
      return {
        get id() {
          return entryOf(waiter)?.id ?? entry.id;
        },
        answer: promise,
        withdraw() {
          const own = entryOf(waiter);
          own?.waiters.delete(waiter);
          if (own?.waiters.size === 0) remove(own, 'withdrawn');
          resolve('expired');
        },
        leave: () => void (waiter.hasLeft = true),
      };
    },
    list: () => [...entries.values()].map(toOpen),
    find(id) {
      const entry = entries.get(id);
      return entry && toOpen(entry);
    },
    answer(id, answer, { isForAll } = { isForAll: false }) {
      const entry = entries.get(id);
      if (entry === undefined) return;
      if (answer === 'no' || isForAll) end(entry, answer);
      else answerOne(entry);
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      for (const entry of entries.values()) end(entry, 'expired');
    },
  };
}

function isSame(entry: Entry, { owner, subject }: Pick<OpenQuestion, 'owner' | 'subject'>): boolean {
  return entry.owner.principal === owner.principal && entry.subject.digest === subject.digest;
}

function hasRoom(entries: readonly Entry[], { principal }: ApprovalOwner): boolean {
  return (
    entries.length < maxQuestions && entries.filter(({ owner }) => owner.principal === principal).length < maxOfOneOwner
  );
}

function toOpen(entry: Entry): OpenQuestion {
  const { id, owner, subject, from, askedMs, expiresMs, waiters } = entry;
  return { id, owner, subject, from, askedMs, expiresMs, isAwaited: [...waiters].some(({ hasLeft }) => !hasLeft) };
}

function withResolver<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
