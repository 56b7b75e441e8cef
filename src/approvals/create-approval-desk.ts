import type { ApprovalDesk, ApprovalOwner, ApprovalSubject, Remembrance } from '../core/approval.ts';
import type { Clock } from '../core/clock.ts';
import type { ApprovalsConfig } from '../config/config.ts';
import type { Logger } from '../lib/logger.ts';
import { createGrants } from './grants.ts';
import type { QueueLine } from './line/open-queue-line.ts';
import { reasonOf } from './remembered-file.ts';
import { mayRemember } from './may-remember.ts';
import { createQuestionQueue, type OpenQuestion } from './queue/question-queue.ts';
import { createRemembered } from './remembered.ts';

/** The desk as whoever owns it sees it. */
export interface OwnedApprovalDesk extends ApprovalDesk {
  /** Clients are served from now on: questions may wait in the queue, and others can see it soon. */
  open(): void;
  /**
   * A client is there. Returns what says that it has gone: with the last one of its name its session ends, and every yes for it. One
   * without sessions comes and goes with its requests, so it is waited for as long as a question waits.
   */
  attend(client: { id: string; isSession: boolean }): () => void;
}

export interface ApprovalDeskOptions {
  /** As configured now. */
  settings: () => ApprovalsConfig;
  clock: Clock;
  /** The time of day, in milliseconds since the epoch. */
  now: () => number;
  logger: Logger;
  /** Where a yes for an hour is kept, and the socket for `mcp-marshal approvals`. Absent: both live in memory, and nobody sees the queue. */
  stateDir?: string;
}

/** Nobody asks about approvals before a client has been answered, and that is not to wait for a socket. */
const openAfterMs = 1_000;

/** Keeps every yes, and the questions that wait for one (reliability.md §4). What it is not sure of is no yes. */
export function createApprovalDesk({ settings, clock, now, logger, stateDir }: ApprovalDeskOptions): OwnedApprovalDesk {
  const grants = createGrants(clock);
  const remembered = createRemembered({ now, logger, ...(stateDir !== undefined && { stateDir }) });
  const queue = createQuestionQueue({ clock, expiresMs: () => settings().expiresMs });
  const unwatchedListeners = new Set<() => void>();
  const attended = new Map<string, { clients: number; cancelTimer?: () => void }>();
  let isOpen = false;
  let isClosed = false;
  let line: Promise<QueueLine | undefined> | undefined;
  let openLine: QueueLine | undefined;
  let cancelOpening: (() => void) | undefined;

  const record = (
    how: string,
    { owner, subject }: Pick<OpenQuestion, 'owner' | 'subject'>,
    answer: 'yes' | 'no',
  ): void => {
    const { server, exposedName, digest } = subject;
    const fields = { client: owner.keyScope, server, tool: exposedName, digest: digest.slice(0, 12), how };
    logger.info(fields, answer === 'yes' ? 'a call was approved' : 'a call was declined');
  };
  /** Which remembered yes covers the call, as far as policy still allows one. */
  const findRemembered = (owner: ApprovalOwner, subject: ApprovalSubject): 'session' | 'arguments' | undefined => {
    if (mayRemember(subject, 'session') && grants.hasSession(owner, subject)) return 'session';
    return mayRemember(subject, 'arguments') && remembered.has(owner, subject) ? 'arguments' : undefined;
  };
  const grant = (owner: ApprovalOwner, subject: ApprovalSubject, remember: Remembrance): void => {
    const kept = remember !== 'none' && mayRemember(subject, remember) ? remember : 'none';
    if (kept === 'session') grants.addSession(owner, subject);
    else if (kept === 'arguments') remembered.add(owner, subject);
    else grants.addOnce(owner, subject, settings().expiresMs);
    if (kept !== 'none') answerRemembered();
  };
  /** Whoever has said yes to more than one call has answered the questions about the others. */
  const answerRemembered = (): void => {
    for (const { id, owner, subject } of queue.list()) {
      if (findRemembered(owner, subject) !== undefined) queue.answer(id, 'yes', { isForAll: true });
    }
  };
  const answer = (question: OpenQuestion, given: 'yes' | 'no', remember: Remembrance): void => {
    record('queue', question, given);
    // The yes is there before anybody hears of it.
    if (given === 'yes') grant(question.owner, question.subject, remember);
    // A remembered one has answered it already.
    queue.answer(question.id, given);
  };
  const hasQueue = (): boolean => isOpen && !isClosed && settings().queue;
  const onUnwatched = (): void => {
    for (const listener of unwatchedListeners) listener();
  };
  const startLine = (): void => {
    cancelOpening?.();
    if (stateDir === undefined || isClosed || !settings().queue) return;
    line ??= import('./line/open-queue-line.ts')
      .then(({ openQueueLine }) => openQueueLine({ stateDir, queue, answer, clock, now, logger, onUnwatched }))
      .catch((error: unknown) => {
        // A process without descriptors cannot even read a module.
        logger.warn({ reason: reasonOf(error) }, 'the queue of approvals could not be opened');
        return undefined;
      })
      .then((opened) => {
        openLine = opened;
        // The next question tries again.
        if (opened === undefined) line = undefined;
        return opened;
      });
  };

  return {
    isApproved: (owner, subject) => findRemembered(owner, subject) !== undefined || grants.hasOnce(owner, subject),
    use(owner, subject) {
      const how = findRemembered(owner, subject);
      if (how !== undefined) record(`remembered (${how})`, { owner, subject }, 'yes');
      return how !== undefined || grants.takeOnce(owner, subject);
    },
    takeBack: (owner, subject) => void grants.takeOnce(owner, subject),
    approve(owner, subject, remember = 'none') {
      record('client', { owner, subject }, 'yes');
      grant(owner, subject, remember);
    },
    decline: (owner, subject) => record('client', { owner, subject }, 'no'),
    enqueue(owner, subject, from) {
      if (!hasQueue()) return undefined;
      startLine();
      return queue.add(owner, subject, from);
    },
    hasQueue,
    isWatched: () => openLine?.isWatched() === true,
    onUnwatched(listener) {
      unwatchedListeners.add(listener);
      return () => unwatchedListeners.delete(listener);
    },
    open() {
      if (isOpen) return;
      isOpen = true;
      if (stateDir !== undefined) cancelOpening = clock.after(openAfterMs, startLine);
    },
    attend({ id, isSession }) {
      const entry = attended.get(id) ?? { clients: 0 };
      attended.set(id, entry);
      entry.cancelTimer?.();
      delete entry.cancelTimer;
      entry.clients += 1;
      let hasLeft = false;
      return () => {
        if (hasLeft) return;
        hasLeft = true;
        entry.clients -= 1;
        if (entry.clients > 0 || isClosed) return;
        const forget = (): void => {
          attended.delete(id);
          grants.forgetSession(id);
        };
        if (isSession) forget();
        else entry.cancelTimer = clock.after(settings().expiresMs, forget);
      };
    },
    async close() {
      isClosed = true;
      cancelOpening?.();
      for (const { cancelTimer } of attended.values()) cancelTimer?.();
      attended.clear();
      queue.close();
      await (await line)?.close();
    },
  };
}
