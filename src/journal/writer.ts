import type { Logger } from '../lib/logger.ts';
import type { OpenFile } from './file/open-file.ts';
import type { BatchRecord } from './records/batch-record.ts';
import { type CallRecord, dropArguments } from './records/call-record.ts';
import { type Trouble, toTrouble } from './sqlite/trouble.ts';
import { createTroubleReport } from './trouble-report.ts';
import { createWaiting, type KeptOutcome } from './waiting.ts';

/** What is to be written, and when it is. Nothing in here throws. */
export interface Writer {
  /** Opens the file, where that has not been tried. */
  start(): void;
  problem(): string | undefined;
  /** Writes it soon. */
  batch(record: BatchRecord): void;
  write(record: CallRecord): void;
  read(record: CallRecord): void;
  outcome(outcome: KeptOutcome): void;
  /** Resolves when everything that waits is on disk, or with the reason why it is not. */
  written(): Promise<string | undefined>;
  /** As `written`, at once. */
  writeNow(): string | undefined;
  /** Forgets a batch that could not be written. */
  withdraw(record: BatchRecord): void;
  /** Whether a batch stands in the file, and not another one under its id. */
  has(record: BatchRecord): boolean;
  /** The file in use, where there is one. */
  file(): OpenFile['store'] | undefined;
  close(): void;
}

export interface WriterOptions {
  /** Opens the file; asked with the first record, and again, every few seconds, after it could not. */
  open: () => { file: OpenFile } | { trouble: Trouble };
  /** What runs now, and so belongs into a file that is begun anew. */
  running: () => { batches: Iterable<BatchRecord>; writes: Iterable<CallRecord> };
  /** Called after something was written. */
  onWritten: () => void;
  logger: Logger;
}

/** The end of a write is what a crash in this time makes `unknown`; a commit for several costs as much as one for one. */
const writeDelayMs = 20;
/** Reads change nothing: those of a quarter of a second may be lost. */
const readDelayMs = 250;
const maxReads = 256;
const retryMs = 3_000;
/** 1,000 records take some 5 ms. */
const maxRetried = 1_000;
/** A disk that damages every file shall not be filled with them. */
const minReplaceMs = 60_000;

export function createWriter(options: WriterOptions): Writer {
  const { open, running, onWritten, logger } = options;
  const waiting = createWaiting();
  const report = createTroubleReport(logger);
  let file: OpenFile | undefined;
  let store: OpenFile['store'] | undefined;
  let trouble: Trouble | undefined;
  let group: Promise<string | undefined> | undefined;
  let timers: { write?: NodeJS.Timeout; read?: NodeJS.Timeout; retry?: NodeJS.Timeout } = {};
  let replacedAt = -Infinity;
  let isStarted = false;
  let isClosed = false;

  const later = (name: keyof typeof timers, ms: number, act: () => void): void => {
    if (isClosed) return;
    timers[name] ??= setTimeout(() => {
      delete timers[name];
      act();
    }, ms).unref();
  };

  const fail = (found: Trouble): string => {
    trouble = found;
    report.failed(found);
    if (found.kind !== 'unavailable') later('retry', retryMs, retry);
    return found.message;
  };

  const openNow = (): string | undefined => {
    const opened = open();
    if ('trouble' in opened) return fail(opened.trouble);
    ({ file } = opened);
    ({ store } = file);
    carryOver();
    return undefined;
  };

  const carryOver = (): void => {
    const { batches, writes } = running();
    for (const batch of batches) waiting.batch(batch);
    waiting.writeAgain(writes);
  };

  const letGo = (): void => {
    file?.close();
    file = undefined;
    store = undefined;
  };

  const start = (): void => {
    if (isStarted || isClosed) return;
    isStarted = true;
    openNow();
  };

  const replace = (found: Trouble): string | undefined => {
    if (file === undefined || performance.now() - replacedAt < minReplaceMs) return fail(found);
    replacedAt = performance.now();
    const replaced = file.replace();
    if ('trouble' in replaced) {
      // Opening it again is what retrying does.
      letGo();
      return fail(replaced.trouble);
    }
    ({ store } = replaced);
    carryOver();
    return undefined;
  };

  /** Writes what waits: all of it, or the writes alone; at most so many records. */
  const flush = (take: { reads: boolean; isDurable: boolean; max?: number }): string | undefined => {
    if (file === undefined || store === undefined) return trouble?.message ?? 'the journal is closed';
    if (!file.isOurs()) {
      const lost = `${store.file} or its lock was deleted while it was in use, and may be another process's by now`;
      logger.warn({ file: store.file }, `${lost}: a file is taken anew`);
      letGo();
      // Once: where numbers of files do not hold, each would seem lost.
      return openNow() ?? flushHere(take);
    }
    return flushHere(take);
  };

  const flushHere = (take: Parameters<typeof flush>[0]): string | undefined => {
    if (store === undefined) return trouble?.message ?? 'the journal is closed';
    if (!store.isInPlace()) {
      const message = `${store.file} was deleted or replaced while it was in use`;
      logger.warn(
        { file: store.file },
        `${message}: a new one is begun, and what stood in the old one is not known any more`,
      );
      return replace({ kind: 'corrupt', message }) ?? flushHere(take);
    }
    const change = waiting.take(take);
    if (change === undefined) return undefined;
    try {
      store.write(change);
      waiting.done(change);
      onWritten();
      return undefined;
    } catch (error) {
      const found = toTrouble(error, store.file);
      if (found.kind !== 'corrupt') return fail(found);
      return replace(found) ?? flushHere(take);
    }
  };

  const retry = (): void => {
    if (isClosed) return;
    if (store === undefined && openNow() !== undefined) return;
    if (flush({ reads: true, isDurable: true, max: maxRetried }) !== undefined) return;
    if (waiting.size() > 0) return void setImmediate(retry);
    trouble = undefined;
    report.recovered(waiting.takeLost());
  };

  const soon = (kind: 'write' | 'read'): void => {
    if (trouble !== undefined) return;
    if (kind === 'write') later('write', writeDelayMs, () => flush({ reads: false, isDurable: false }));
    else later('read', readDelayMs, () => flush({ reads: true, isDurable: false }));
  };

  return {
    start,
    problem: () => trouble?.message,
    batch(record) {
      start();
      waiting.batch(record);
      soon('write');
    },
    write(record) {
      start();
      if (trouble !== undefined) dropArguments(record);
      waiting.write(record);
      soon('write');
    },
    read(record) {
      start();
      if (trouble !== undefined) dropArguments(record);
      // Not at once, since whoever ends a call is not to wait for a transaction.
      if (waiting.read(record) === maxReads && trouble === undefined) {
        setImmediate(() => flush({ reads: true, isDurable: false }));
      }
      soon('read');
    },
    outcome(outcome) {
      waiting.outcome(outcome);
      soon('write');
    },
    written() {
      if (trouble !== undefined) return Promise.resolve(trouble.message);
      // Everything begun in this turn of the event loop shares a transaction, and the wait for the disk.
      group ??= new Promise((resolve) => {
        setImmediate(() => {
          group = undefined;
          resolve(trouble?.message ?? flush({ reads: false, isDurable: true }));
        });
      });
      return group;
    },
    writeNow() {
      start();
      return trouble?.message ?? flush({ reads: false, isDurable: true });
    },
    has: (record) => store?.has(record) === true,
    withdraw: waiting.withdraw,
    file: () => store,
    close() {
      if (isClosed) return;
      flush({ reads: true, isDurable: true });
      isClosed = true;
      for (const timer of Object.values(timers)) clearTimeout(timer);
      timers = {};
      letGo();
      trouble ??= { kind: 'unavailable', message: 'the journal is closed' };
    },
  };
}
