import { settleUnsent, type CallError, type Outcome } from '../../core/outcome.ts';
import type { PlannedCall } from '../../core/plan.ts';
import type { WatchedCall } from '../cache/result-cache.ts';
import type { LockTicket } from '../locks/lock-table.ts';
import { expectCalls, type ReadyCall, type Share } from '../slots/ready-queue.ts';
import { noSlots, type HeldSlots, type SlotNeed } from '../slots/slot-book.ts';
import type { Admission } from './admission.ts';
import { CallRun, type RunEvents } from './call-run.ts';
import { endFromCache, goneServer } from './end-unsent.ts';
import type { Floor } from './floor.ts';

/** One call on its way: its turn, where its server has a rate, then its locks, then its slots; then it is sent, and sent again where it may be. */
export class AdmittedCall implements ReadyCall, RunEvents {
  readonly call: PlannedCall;
  readonly share: Share;
  readonly rank: number;
  readonly need: SlotNeed;
  private readonly floor: Floor;
  private readonly admission: Admission;
  /** What it waits for, or has come to. */
  private stage: 'turn' | 'locks' | 'slots' | 'start' | 'flight' | 'rest' | 'over' = 'locks';
  private ticket: LockTicket | undefined;
  private hasTurn = false;
  /** It is counted among what its batch has still to start. */
  private isExpected = true;
  private run: CallRun | undefined;
  private watched: WatchedCall | undefined;
  private hasAsked = false;
  private warning: string | undefined;

  constructor(floor: Floor, admission: Admission) {
    const { call, share, rank, slots } = admission;
    this.floor = floor;
    this.admission = admission;
    this.call = call;
    this.share = share;
    this.rank = rank;
    this.need = { server: call.server, isWrite: call.class !== 'read', process: slots.process };
  }

  get holdsLocks(): boolean {
    return this.ticket !== undefined;
  }

  enter(): void {
    const { call, floor } = this;
    floor.waiting.add(this);
    if (!floor.book.knows(call.server)) this.endSoon(this.unsent(goneServer(call)));
    else if (floor.gate.binds(call.server) && floor.cache.find(call, this.admission.owner) === undefined)
      this.waitForTurn();
    else this.enterLocks();
  }

  /** Takes it out while it waits for the first time; it calls nobody any more. */
  withdraw(): void {
    this.stopWaiting();
    this.stage = 'over';
    this.ticket?.release();
    this.floor.pumpSoon();
  }

  /** Its server is gone: ends it, unless something of it is under way. */
  dismiss(): void {
    if (this.run !== undefined) return this.run.stop('');
    this.withdraw();
    this.admission.on.settled(this.unsent(goneServer(this.call)));
    this.admission.on.gone();
  }

  start(): void {
    const { floor, stage } = this;
    if (stage === 'turn') {
      this.hasTurn = true;
      if (this.ticket === undefined) this.enterLocks();
      else this.waitForSlots();
      return;
    }
    this.stage = 'start';
    this.share.inFlight++;
    this.expectNoMore();
    floor.book.take(this.need, (slots) => this.begin(slots));
  }

  asking(isAsking: boolean): void {
    this.hasAsked = true;
    this.admission.on.asking?.(isAsking);
  }

  resting(): void {
    const { floor, share, call } = this;
    this.stage = 'rest';
    if (this.admission.slots.server) share.inFlight--;
    this.isExpected = true;
    expectCalls(share, call.server, 1);
    floor.waiting.add(this);
    floor.pumpSoon();
  }

  again(): void {
    // A reload has taken its server away while it was under way.
    if (!this.floor.book.knows(this.call.server)) return this.run!.stop('');
    if (this.floor.gate.binds(this.call.server)) this.waitForTurn();
    else this.waitForSlots();
  }

  settled(outcome: Outcome): void {
    const { floor, stage, admission } = this;
    if (stage === 'flight' && admission.slots.server) this.share.inFlight--;
    if (stage !== 'flight') this.stopWaiting();
    this.stage = 'over';
    this.watched?.settled(this.hasAsked ? withoutResult(outcome) : outcome);
    admission.on.settled(outcome);
    floor.pumpSoon();
  }

  unlocked(): void {
    // Before others get the locks, so that they do not find what the call has made untrue.
    this.watched?.over();
    this.ticket?.release();
    this.admission.on.gone();
    this.floor.pumpSoon();
  }

  vacated(): void {
    this.floor.pumpSoon();
  }

  private waitForTurn(): void {
    this.stage = 'turn';
    this.floor.gate.wait(this);
    this.floor.pumpSoon();
  }

  private enterLocks(): void {
    this.stage = 'locks';
    let grantedAtOnce = false;
    const granted = (): void => {
      // The lock table may grant before `enter` has returned the ticket.
      if (this.ticket === undefined) grantedAtOnce = true;
      else this.locked();
    };
    this.ticket = this.floor.locks.enter(this.call.locks, granted);
    if (grantedAtOnce) this.locked();
  }

  private locked(): void {
    const { floor, call, share, admission } = this;
    const doubt = floor.unknown.judge(call, { age: share.age, acceptedMs: admission.acceptedMs });
    if (doubt?.kind === 'skip') {
      share.untold.push(doubt.told);
      return this.endSoon(this.unsent(doubt.error));
    }
    this.warning = doubt?.warning;
    const result = floor.cache.find(call, this.admission.owner);
    if (result !== undefined) this.endSoon(endFromCache(result, { queuedMs: this.elapsedMs(), warning: this.warning }));
    else if (floor.gate.binds(call.server) && !this.hasTurn) {
      // What was in the cache when it came is there no more.
      this.ticket?.release();
      this.ticket = undefined;
      this.waitForTurn();
    } else this.waitForSlots();
  }

  private waitForSlots(): void {
    if (!this.admission.slots.server) return this.begin(noSlots);
    this.stage = 'slots';
    this.floor.queue.add(this);
    this.floor.pumpSoon();
  }

  private begin(slots: HeldSlots): void {
    const { floor, admission } = this;
    // Withdrawn in the moment between getting its slots and starting.
    if (this.stage === 'over') {
      if (admission.slots.server) this.share.inFlight--;
      slots.giveProcess();
      slots.giveServer();
      return floor.pumpSoon();
    }
    this.stage = 'flight';
    floor.waiting.delete(this);
    if (this.hasTurn) {
      this.hasTurn = false;
      floor.gate.use(this);
      // Only now is it known when the next turn is free.
      floor.pumpSoon();
    }
    if (this.run !== undefined) return this.run.attempt(slots);
    this.watched = floor.cache.watch(this.call, admission.owner);
    const { clock, random, unknown } = floor;
    this.run = new CallRun(admission, { clock, random, unknown, warning: this.warning, on: this });
    this.run.attempt(slots);
    admission.on.started(this.run);
  }

  /** Ends it without anything being sent. Not at once: a chain of such calls would go as deep as it is long. */
  private endSoon(outcome: Outcome): void {
    const { floor, admission } = this;
    this.stopWaiting();
    this.stage = 'start';
    queueMicrotask(() => {
      if (this.stage === 'over') return;
      this.stage = 'over';
      admission.on.settled(outcome);
      this.ticket?.release();
      admission.on.gone();
      floor.pumpSoon();
    });
  }

  private stopWaiting(): void {
    const { floor } = this;
    floor.waiting.delete(this);
    if (this.stage === 'turn') floor.gate.remove(this);
    if (this.stage === 'slots') floor.queue.remove(this);
    this.giveTurnBack();
    this.expectNoMore();
  }

  private giveTurnBack(): void {
    if (this.hasTurn) this.floor.gate.giveBack(this);
    this.hasTurn = false;
  }

  private expectNoMore(): void {
    if (this.isExpected) expectCalls(this.share, this.call.server, -1);
    this.isExpected = false;
  }

  private unsent(error: CallError): Outcome {
    return settleUnsent(error, this.elapsedMs());
  }

  private elapsedMs(): number {
    return this.floor.clock.now() - this.admission.acceptedMs;
  }
}

/** As the cache sees the end of a call for which its client was asked: what one has answered makes no result for others. */
function withoutResult(outcome: Outcome): Outcome {
  const { result: _, ...rest } = outcome;
  return rest;
}
