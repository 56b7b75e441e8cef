import type { Socket } from 'node:net';
import type { Remembrance } from '../../core/approval.ts';
import type { Clock } from '../../core/clock.ts';
import { createLineSplitter } from '../../lib/line-splitter.ts';
import { toLine } from '../../lib/json-line.ts';
import { mayRemember } from '../may-remember.ts';
import type { OpenQuestion, QuestionQueue } from '../queue/question-queue.ts';
import { parseLineRequest, type LineMessage, type LineRequest } from './line-messages.ts';
import { showQuestion } from './show-question.ts';

export interface PeerOptions {
  queue: QuestionQueue;
  /** Answers a question that is open. */
  answer: (question: OpenQuestion, given: 'yes' | 'no', remember: Remembrance) => void;
  clock: Clock;
  /** The time of day that a moment of the clock is. */
  toTime: (ms: number) => number;
}

/** A request is a word and an id. */
const maxRequestBytes = 1_000;
/** The largest arguments that a call may have, written with escapes; a watcher that is so far behind reads no more. */
const maxUnreadBytes = 16_000_000;
/** Whoever connects has something to ask. */
const maxSilentMs = 10_000;

/**
 * Serves one connection to the socket: lists, watches, allows, denies, and nothing else. Whoever sends anything but that is told once
 * and cut off.
 */
export function servePeer(
  socket: Socket,
  { queue, answer, clock, toTime }: PeerOptions,
): { isWatching: () => boolean } {
  let stopWatching: (() => void) | undefined;
  let isCut = false;
  let cancelTimer = (): void => {};

  const cut = (): void => {
    isCut = true;
    cancelTimer();
    stopWatching?.();
    stopWatching = undefined;
    socket.destroySoon();
  };
  const send = (message: LineMessage): void => {
    const line = toLine(message);
    if (line === undefined || socket.writableLength > maxUnreadBytes) return void socket.destroy();
    socket.write(line);
  };
  const expectRequest = (): void => {
    cancelTimer();
    if (stopWatching === undefined) cancelTimer = clock.after(maxSilentMs, cut);
  };
  const show = (question: OpenQuestion, isWhole = false): ReturnType<typeof showQuestion> =>
    showQuestion(question, { isWhole, toTime });

  const watch = (): void => {
    send({ ok: true });
    if (stopWatching !== undefined) return;
    stopWatching = queue.onEvent((event) =>
      send(event.event === 'asked' ? { event: 'asked', question: show(event.question) } : event),
    );
    for (const question of queue.list()) send({ event: 'asked', question: show(question) });
  };
  const answerQuestion = (request: LineRequest & { do: 'allow' | 'deny' }): LineMessage => {
    const question = queue.find(request.id);
    if (question === undefined) return unknownId(request.id);
    if (request.do === 'deny') {
      answer(question, 'no', 'none');
      return { ok: true };
    }
    const { remember = 'none' } = request;
    if (!mayRemember(question.subject, remember)) {
      const allowed = question.subject.remember;
      const message = `the policy of ${question.subject.server} lets no yes for this tool be remembered so far (remember: ${allowed})`;
      return { ok: false, code: 'not_remembered', message };
    }
    answer(question, 'yes', remember);
    return { ok: true };
  };
  const listOne = (id: string): LineMessage => {
    const question = queue.find(id);
    return question === undefined ? unknownId(id) : { ok: true, questions: [show(question, true)] };
  };
  const refuse = (): void => {
    send({ ok: false, code: 'malformed', message: 'a line holds one request: list, watch, allow or deny' });
    cut();
  };

  const lines = createLineSplitter({
    maxBytes: maxRequestBytes,
    onLine(line) {
      if (isCut) return;
      const request = parseLineRequest(line);
      if (request === undefined) return refuse();
      if (request.do === 'watch') watch();
      else if (request.do !== 'list') send(answerQuestion(request));
      else if (request.id !== undefined) send(listOne(request.id));
      else send({ ok: true, questions: queue.list().map((question) => show(question)) });
      expectRequest();
    },
    onOverflow: refuse,
    onExcess: refuse,
  });
  expectRequest();
  socket.on('data', (chunk) => {
    if (!isCut) lines.push(chunk);
  });
  // Whoever is gone may have reset the connection.
  socket.on('error', cut);
  socket.on('end', cut);
  socket.on('close', cut);
  return { isWatching: () => stopWatching !== undefined };
}

function unknownId(id: string): LineMessage {
  return { ok: false, code: 'unknown_id', message: `there is no open question ${id}` };
}
