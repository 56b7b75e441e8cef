import { locksForKeys, modesConflict, type Lock, type LockMode } from '../../src/core/lock.ts';
import type { Outcome, SendResult } from '../../src/core/outcome.ts';
import type { Plan, PlannedCall } from '../../src/core/plan.ts';
import type { ToolClass } from '../../src/core/tool.ts';
import { createScheduler, type Scheduler, type SchedulerServer } from '../../src/schedule/scheduler.ts';
import type { Send } from '../../src/schedule/call/send.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

/** One call of a house, as a test writes it. `key` names the rooms that it reads or writes: itself and all below. */
export interface Visit {
  key: string;
  class?: ToolClass;
  /** `domain`: what a passthrough call without a lock rule takes. `root`: what a barrier does. `none`: nothing. Absent: the key. */
  locks?: 'domain' | 'root' | 'none';
  cacheMs?: number;
  timeoutMs?: number;
  /** From dispatch: when it answers, and when a write takes effect, or a read looks. */
  ms?: number;
  effectMs?: number;
  answer?: 'ok' | 'isError' | 'refused' | 'never' | 'lost' | 'rejects';
  /** Once cancelled, a server may stop at once or do its work all the same. */
  finishesCancelled?: boolean;
  /** Told apart by this argument alone. */
  note?: string;
}

/** An upstream whose rooms hold a number each, behind a scheduler, all in virtual time. Its results are frozen. */
export interface House {
  clock: VirtualClock;
  scheduler: Scheduler;
  /** What was sent, in order. */
  sent: { visit: Visit; batch: string; atMs: number }[];
  call(visit: Visit, index?: number): PlannedCall;
  batch(
    visits: readonly Visit[],
    options?: Partial<Plan> & { signal?: AbortSignal; onSettled?: Settled },
  ): Promise<readonly Outcome[]>;
  passthrough(visit: Visit, signal?: AbortSignal): Promise<Outcome>;
  /** What a read of this key would find now. */
  look(key: string): string;
}

type Settled = (index: number, outcome: Outcome) => void;

const rooms = ['a/x/1', 'a/x/2', 'a/y', 'b/x', 'b/y'];
const below = (key: string): string[] => rooms.filter((room) => `${room}/`.startsWith(`${key}/`));

export function createHouse(
  options: { maxParallel?: number; servers?: Record<string, Partial<SchedulerServer>> } = {},
): House {
  const clock = createVirtualClock();
  const caps: SchedulerServer = { maxParallel: 8, maxParallelWrites: 8, bindsPassthrough: false };
  const servers = Object.entries(options.servers ?? { a: {}, b: {} });
  const scheduler = createScheduler({
    clock,
    maxParallel: options.maxParallel ?? 32,
    servers: new Map(servers.map(([name, own]) => [name, { ...caps, ...own }])),
  });
  const values = new Map(rooms.map((room) => [room, 0]));
  const sent: House['sent'] = [];
  let serial = 0;
  const look = (key: string): string => JSON.stringify(below(key).map((room) => values.get(room)));

  const call = (visit: Visit, index = 0): PlannedCall => {
    const server = visit.key.split('/')[0]!;
    return {
      index,
      id: `c${index}`,
      server,
      tool: visit.class ?? 'read',
      exposedName: `${server}__tool`,
      arguments: { key: visit.key, ...(visit.note !== undefined && { note: visit.note }) },
      class: visit.class ?? 'read',
      reason: 'a test says so',
      locks: locksOf(visit),
      after: [],
      needs: [],
      pathLength: 1,
      ...(visit.timeoutMs !== undefined && { timeoutMs: visit.timeoutMs }),
      ...(visit.cacheMs !== undefined && { cacheMs: visit.cacheMs }),
    };
  };

  const send =
    (visits: readonly Visit[], batch: string): Send =>
    (planned, signal) => {
      const visit = visits[planned.index]!;
      const { ms = 10, answer = 'ok', effectMs = ms } = visit;
      sent.push({ visit, batch, atMs: clock.now() });
      let seen = '';
      const clearEffect = clock.after(effectMs, () => {
        seen = look(visit.key);
        if (planned.class === 'read') return;
        serial++;
        for (const room of below(visit.key)) values.set(room, serial);
      });
      if (answer === 'rejects') return Promise.reject(new Error('a bug'));
      return new Promise<SendResult>((resolve) => {
        const clear = answer === 'never' ? () => {} : clock.after(ms, () => resolve(answerOf(answer, seen)));
        signal.addEventListener('abort', () => {
          clear();
          if (visit.finishesCancelled !== true) clearEffect();
          resolve({ ok: false, sent: true, error: { code: 'cancelled', message: 'cancelled', retryable: false } });
        });
      });
    };

  return {
    clock,
    scheduler,
    sent,
    call,
    look,
    batch(visits, { signal, onSettled, ...more } = {}) {
      const calls = visits.map(call);
      const entries = calls.map((later, index) => ({
        kind: 'run' as const,
        call: {
          ...later,
          after: calls.slice(0, index).flatMap((one) => (conflict(one.locks, later.locks) ? one.index : [])),
        },
      }));
      const batchId = more.batchId ?? 'batch';
      const plan = {
        batchId,
        entries,
        maxParallel: 8,
        onError: 'continue' as const,
        deadlineMs: 3_600_000,
        warnings: [],
      };
      return scheduler.startBatch(
        { ...plan, ...more },
        { send: send(visits, batchId), ...(signal && { signal }), ...(onSettled && { onSettled }) },
      ).reply;
    },
    passthrough: (visit, signal) =>
      scheduler.runPassthrough(call(visit), { send: send([visit], 'passthrough'), ...(signal && { signal }) }),
  };
}

/** The text of a result, which says what was seen. */
export function seenIn(outcome: Outcome): unknown {
  return outcome.result?.['seen'];
}

function locksOf({ key, class: toolClass = 'read', locks }: Visit): Lock[] {
  const isRead = toolClass === 'read';
  if (locks === 'none') return [];
  if (locks === 'root') return locksForKeys([{ key: [], mode: 'X' }]);
  const segments = key.split('/');
  if (locks === 'domain') return locksForKeys([{ key: segments.slice(0, 1), mode: isRead ? 'IS' : 'IX' }]);
  const mode: LockMode = isRead ? 'S' : 'X';
  return locksForKeys([{ key: segments, mode }]);
}

function conflict(a: readonly Lock[], b: readonly Lock[]): boolean {
  return a.some((one) => b.some((other) => one.node === other.node && modesConflict(one.mode, other.mode)));
}

function answerOf(answer: NonNullable<Visit['answer']>, seen: string): SendResult {
  if (answer === 'refused') {
    const rpc = { code: -32_000, message: 'no' };
    return { ok: false, sent: true, error: { code: 'upstream_error', message: 'no', retryable: false, rpc } };
  }
  if (answer === 'lost') {
    return { ok: false, sent: true, error: { code: 'connection_lost', message: 'gone', retryable: true } };
  }
  const content = frozen([frozen({ type: 'text', text: seen })]);
  return { ok: true, result: frozen({ content, seen, ...(answer === 'isError' && { isError: true }) }) };
}

/** So that whoever changes a shared result fails at once. */
function frozen<T extends object>(value: T): T {
  Object.freeze(value);
  return value;
}
