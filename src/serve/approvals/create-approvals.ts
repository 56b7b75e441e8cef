import type { AbortLike } from '../../core/abort.ts';
import type { Approval, ApprovalOwner, ApprovalSubject, Approver } from '../../core/approval.ts';
import type { JsonObject } from '../../core/json.ts';
import type { CallError } from '../../core/outcome.ts';
import type { PlannedCall } from '../../core/plan.ts';
import type { Ask } from '../../core/protocol/client.ts';
import type { Engine } from '../engine.ts';
import { allowCommand } from './allow-command.ts';
import { declinedError, unavailableError } from './approval-errors.ts';
import { canAskUser } from './question/ask-client.ts';
import type { Answer } from './question/read-answer.ts';
import { createClientQuestions } from './client-questions.ts';
import type { OpenCall } from './open-call.ts';
import { createQueuedCalls } from './queued-calls.ts';
import { toSubject } from './to-subject.ts';

/** Who asks, and through whom: a batch, or a call by itself. */
interface ApprovalsOptions {
  owner: ApprovalOwner;
  /** What the client has declared. */
  capabilities: JsonObject;
  /** Absent: there is no client to ask. */
  ask: Ask | undefined;
  /** Absent: the call came by itself. */
  batchId?: string;
  /** Whether the batch has an idempotency key. */
  isKeyed?: boolean;
  /** A question to the client stays open when its request has been answered: it comes back for the reply with the answer. */
  outlivesReply?: boolean;
}

/** The approvals of one batch, or of one call. */
export interface Approvals {
  approver: Approver;
  /**
   * Why a call may not be sent after all: it needs approval, and has none for what it is now. To be asked right before it is sent, since
   * its tool may have changed while it waited for locks and slots.
   */
  findChange(call: PlannedCall): CallError | undefined;
  /** The client's request has been answered: what its user has not answered waits in the queue from now on, as does what comes. */
  moveToQueue(): void;
  /** The same, and nothing waits for an answer any more: a yes is for the same calls, sent again. */
  giveUp(): void;
  /** The command that lets a call run whose question waits in the queue, by the call's id. */
  allowedBy(callId: string): string | undefined;
}

/**
 * Has a person asked about calls: first whether there is a yes already, then the client's user, then whoever looks after the queue. A
 * yes is kept at the desk, bound to what the call is, and used up by `holds`.
 */
export function createApprovals(engine: Engine, options: ApprovalsOptions): Approvals {
  const { approvals: desk } = engine;
  const { owner, capabilities, ask, batchId, isKeyed = false, outlivesReply = false } = options;
  const route = batchId === undefined ? 'passthrough' : 'batch';
  const queued = createQueuedCalls(engine, { owner, batchId });
  let hasReplied = false;
  let hasGivenUp = false;
  /** What each call was when its yes was used. */
  const usedFor = new WeakMap<PlannedCall, string>();
  /** What each call was when a person said yes to it, until that is used. */
  const givenFor = new WeakMap<PlannedCall, ApprovalSubject>();
  const over = new WeakSet<PlannedCall>();
  const takeBack = (call: PlannedCall): void => {
    const subject = givenFor.get(call);
    givenFor.delete(call);
    if (subject !== undefined) desk.takeBack(owner, subject);
  };

  const enqueue = (calls: readonly OpenCall[], why: string, waits: true | 'whileWatched'): void => {
    for (const one of calls) queued.add(one, { why, waits });
    if (hasGivenUp) queued.leaveAll();
  };
  const settleAnswered = (
    calls: readonly OpenCall[],
    answer: Exclude<Answer, { kind: 'nobody' }>,
    isOpen: (one: OpenCall) => boolean,
  ): void => {
    for (const [position, one] of calls.entries()) {
      if (!isOpen(one)) continue;
      const verdict = answer.kind === 'decided' ? answer.verdicts[position] : undefined;
      if (verdict?.isYes === true) {
        desk.approve(owner, one.subject, verdict.remember);
        one.settle({ ok: true });
      } else {
        desk.decline(owner, one.subject);
        one.settle(no(declinedError(one, answer.kind === 'dismissed' ? answer.action : 'no')));
      }
    }
  };
  const client =
    ask === undefined || !canAskUser(capabilities)
      ? undefined
      : createClientQuestions(engine, {
          ask,
          batchId,
          outlivesReply,
          on: {
            answered: (calls, answer) => settleAnswered(calls, answer, () => true),
            // Who has answered first, here or in the queue, has decided.
            answeredLate: (calls, answer) => settleAnswered(calls, answer, (one) => queued.take(one)),
            unasked: (calls, reason) => enqueue(calls, `the client's user was not asked: ${reason}`, 'whileWatched'),
            left: (calls) => enqueue(calls, 'the user had not answered when the reply was due', true),
            tooMany(calls, asked) {
              const why = `more than ${asked} calls needed approval at once; send fewer in one batch`;
              for (const one of calls) one.settle(no(unavailableError(one, { why })));
            },
          },
        });

  const askAbout = (calls: readonly OpenCall[], signal: AbortLike): void => {
    if (hasReplied) enqueue(calls, 'the request that it came with had been answered', true);
    else if (client === undefined) enqueue(calls, 'the client cannot ask its user', 'whileWatched');
    else client.put(calls, signal);
  };

  const moveToQueue = (): void => {
    if (hasReplied) return;
    hasReplied = true;
    client?.close();
  };

  return {
    approver: {
      async ask(calls, signal, answered) {
        const open: OpenCall[] = [];
        const approvals = calls.map((call) => {
          const told = toSubject(engine, call, route);
          if (!told.ok) return no(told.error);
          const { subject, entry } = told;
          if (desk.isApproved(owner, subject)) return { ok: true } as const;
          return new Promise<Approval>((resolve) => {
            const settle = (approval: Approval): void => {
              if (approval.ok) givenFor.set(call, subject);
              if (over.has(call)) takeBack(call);
              resolve(approval);
            };
            open.push({ id: call.id, call, subject, entry, route, isKeyed, signal, settle });
          });
        });
        const withdraw = (): void => {
          for (const one of open) one.settle(no(withdrawn));
        };
        signal.addEventListener('abort', withdraw, { once: true });
        if (signal.aborted) withdraw();
        if (open.length > 0) askAbout(open, signal);
        const all = await Promise.all(
          approvals.map(async (approval, index) => {
            const known = await approval;
            answered?.(calls[index]!, known);
            return known;
          }),
        );
        signal.removeEventListener('abort', withdraw);
        return all;
      },
      holds(call) {
        const told = toSubject(engine, call, route);
        if (!told.ok || !desk.use(owner, told.subject)) return false;
        usedFor.set(call, told.subject.digest);
        givenFor.delete(call);
        return true;
      },
      ended(call) {
        over.add(call);
        takeBack(call);
      },
    },
    findChange(call) {
      if (call.approval === undefined) return undefined;
      const told = toSubject(engine, call, route);
      if (!told.ok) return told.error;
      return usedFor.get(call) === told.subject.digest ? undefined : changed;
    },
    moveToQueue,
    giveUp() {
      hasGivenUp = true;
      moveToQueue();
      queued.leaveAll();
    },
    allowedBy(callId) {
      const id = queued.idOf(callId);
      return id === undefined ? undefined : allowCommand(id, engine.setup().configFile);
    },
  };
}

const withdrawn: CallError = { code: 'cancelled', message: 'its question was withdrawn', retryable: true };
const changed: CallError = {
  code: 'tool_changed',
  message: 'not run: its tool or its server changed after it was approved; send it again to be asked anew',
  retryable: true,
};

function no(error: CallError): Approval {
  return { ok: false, error };
}
