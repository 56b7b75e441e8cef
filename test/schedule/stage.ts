import type { Rate } from '../../src/core/clock.ts';
import { locksForKeys, modesConflict, type LockMode } from '../../src/core/lock.ts';
import { predecessors } from '../../src/batch/plan/order/predecessors.ts';
import { settleUnsent, type SendResult } from '../../src/core/outcome.ts';
import type { Dependency, Plan, PlanEntry, PlannedCall, Prepare } from '../../src/core/plan.ts';
import type { ToolClass } from '../../src/core/tool.ts';
import { createScheduler, type Scheduler } from '../../src/schedule/scheduler.ts';
import type { Send } from '../../src/schedule/call/send.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

/** `lost`: with its connection; `busy`: the server has too much to do; `away`: it could not even be sent. */
export type Answer = 'ok' | 'isError' | 'fails' | 'never' | 'rejects' | 'lost' | 'busy' | 'away';

/** One call as a test writes it: `key` is `server` or `server/path…`; no key, no locks. */
export interface Sketch {
  key?: string;
  mode?: LockMode;
  class?: ToolClass;
  server?: string;
  ms?: number;
  timeoutMs?: number;
  answer?: Answer;
  /** How the first sendings end; those after them end as `answer` says. */
  tries?: Answer[];
  retryAfterMs?: number;
  mayRepeat?: NonNullable<PlannedCall['mayRepeat']>;
  ignoresUnknown?: true;
  /** Calls that it depends on: that many places before it, where there are so many. */
  needs?: { back: number; when: Dependency['when'] }[];
  /** Planned without knowing what it touches; then it turns out to be this call, an invalid one, or these elements. */
  turnsOut?: 'known' | 'invalid' | Sketch[];
  /** It is not sent where an earlier call with the same sketch is as good. */
  merges?: boolean;
  /** A person has to say yes to it. */
  asks?: boolean;
  /** While it is open nobody knows whether it does. */
  mayAsk?: true;
  /** What the user can do so that it runs unasked. */
  mend?: string;
}

/** What an upstream did for a call, or an element of one: `endMs` is when it stopped executing it, answered or cancelled. */
export interface Execution {
  batch: string;
  call: PlannedCall;
  /** Index in the batch, and the number of the element. */
  place: [number, number];
  sketch: Sketch;
  startMs: number;
  endMs: number;
  /** When the batch learnt its outcome. */
  settledMs: number;
  /** What it answered by itself. */
  answered?: Answer;
}

/** A scheduler with upstreams that take as long as the sketches say, all in virtual time. */
export interface Stage {
  clock: VirtualClock;
  scheduler: Scheduler;
  executions: Execution[];
  plan(batchId: string, sketches: readonly Sketch[], options?: Partial<Plan>): Plan;
  call(sketch: Sketch, index?: number): PlannedCall;
  send(batchId: string, sketches: readonly Sketch[]): Send;
  prepare(sketches: readonly Sketch[]): Prepare;
  settled(batchId: string, index: number): void;
}

export function createStage(
  options: {
    maxParallel?: number;
    servers?: Record<
      string,
      { maxParallel: number; maxParallelWrites?: number; bindsPassthrough?: boolean; rate?: Rate }
    >;
    /** For the jitter of retries; absent: the longest backoff. */
    random?: () => number;
  } = {},
): Stage {
  const clock = createVirtualClock();
  const caps = Object.entries(options.servers ?? { a: { maxParallel: 8 }, b: { maxParallel: 8 } });
  const scheduler = createScheduler({
    clock,
    random: options.random ?? (() => 1),
    maxParallel: options.maxParallel ?? 32,
    servers: new Map(
      caps.map(([name, cap]) => [
        name,
        {
          maxParallel: cap.maxParallel,
          maxParallelWrites: cap.maxParallelWrites ?? cap.maxParallel,
          bindsPassthrough: cap.bindsPassthrough ?? false,
          ...(cap.rate !== undefined && { rate: cap.rate }),
        },
      ]),
    ),
  });
  const executions: Execution[] = [];

  const call = (sketch: Sketch, index = 0): PlannedCall => {
    const callClass = sketch.class ?? 'read';
    const server = sketch.server ?? sketch.key?.split('/')[0] ?? 'a';
    const mode = sketch.mode ?? (callClass === 'read' ? 'S' : 'X');
    return {
      index,
      id: `c${index}`,
      server,
      tool: 'tool',
      exposedName: `${server}__tool`,
      arguments: {},
      class: callClass,
      reason: 'a test says so',
      locks: sketch.key === undefined ? [] : locksForKeys([{ key: sketch.key.split('/'), mode }]),
      after: [],
      needs: [],
      pathLength: 1,
      ...(sketch.timeoutMs !== undefined && { timeoutMs: sketch.timeoutMs }),
      ...(sketch.mayRepeat !== undefined && { mayRepeat: sketch.mayRepeat }),
      ...(sketch.ignoresUnknown === true && { ignoresUnknown: true }),
      ...(sketch.asks === true && {
        approval: { reason: 'a test asks', ...(sketch.mend !== undefined && { mend: sketch.mend }) },
      }),
    };
  };

  const plan = (batchId: string, sketches: readonly Sketch[], more: Partial<Plan> = {}): Plan => ({
    batchId,
    entries: link(
      sketches.map((sketch, index) => (sketch.turnsOut === undefined ? call(sketch, index) : open(sketch, index))),
      sketches,
    ),
    maxParallel: 8,
    onError: 'continue',
    deadlineMs: 50_000,
    warnings: [],
    ...more,
  });

  /** As planned while its references are not filled: everything of its domain. */
  const open = (sketch: Sketch, index: number): PlannedCall => {
    const { approval: _, ...known } = call(sketch, index);
    const mayAsk =
      sketch.asks === true ||
      sketch.mayAsk === true ||
      (Array.isArray(sketch.turnsOut) && sketch.turnsOut.some(({ asks }) => asks));
    const isWrite =
      known.class !== 'read' ||
      (Array.isArray(sketch.turnsOut) && sketch.turnsOut.some(({ class: own }) => own !== undefined && own !== 'read'));
    const keys =
      sketch.turnsOut === 'known' && sketch.key === undefined
        ? []
        : [{ key: [known.server], mode: isWrite ? ('X' as const) : ('S' as const) }];
    const open = { ...known, class: isWrite ? ('write' as const) : ('read' as const), locks: locksForKeys(keys) };
    return { ...open, isOpen: true, ...(mayAsk && { mayAsk }) };
  };

  const prepare =
    (sketches: readonly Sketch[]): Prepare =>
    (planned) => {
      const sketch = sketches[planned.index]!;
      const { turnsOut } = sketch;
      if (turnsOut === 'known')
        return { kind: 'run', call: { ...call(sketch, planned.index), after: planned.after, needs: planned.needs } };
      if (!Array.isArray(turnsOut)) return invalid(planned);
      const elements = turnsOut.map((element, index) => {
        // What was locked for all of them is the domain of the call.
        const key = element.key?.replace(/^[^/]+/, planned.server);
        const own = call({ ...element, ...(key !== undefined && { key }), server: planned.server }, index);
        return { ...own, id: `${planned.id}[${index}]` };
      });
      return { kind: 'each', entries: link(elements, turnsOut) };
    };

  const send =
    (batch: string, sketches: readonly Sketch[]): Send =>
    (planned, signal) => {
      const [index = 0, element] = planned.id.match(/\d+/g)!.map(Number);
      const { turnsOut } = sketches[index]!;
      const sketch = element === undefined || !Array.isArray(turnsOut) ? sketches[index]! : turnsOut[element]!;
      const execution: Execution = {
        batch,
        call: planned,
        place: [index, element ?? 0],
        sketch,
        startMs: clock.now(),
        endMs: Number.POSITIVE_INFINITY,
        settledMs: Number.POSITIVE_INFINITY,
      };
      const before = executions.filter((one) => one.batch === batch && one.call.id === planned.id).length;
      const answer = sketch.tries?.[before] ?? sketch.answer;
      executions.push(execution);
      if (answer === 'rejects') {
        execution.endMs = clock.now();
        return Promise.reject(new Error('a bug'));
      }
      return new Promise<SendResult>((resolve) => {
        const end = (answer: SendResult): void => {
          execution.endMs = Math.min(execution.endMs, clock.now());
          resolve(answer);
        };
        const clear =
          answer === 'never'
            ? () => {}
            : clock.after(sketch.ms ?? 10, () => {
                execution.answered = answer ?? 'ok';
                end(answerOf(answer, sketch.retryAfterMs));
              });
        signal.addEventListener('abort', () => {
          clear();
          end({ ok: false, sent: true, error: { code: 'cancelled', message: 'cancelled', retryable: false } });
        });
      });
    };

  const settled = (batch: string, index: number): void => {
    for (const execution of executions) {
      if (execution.batch === batch && execution.place[0] === index) {
        execution.settledMs = Math.min(execution.settledMs, clock.now());
      }
    }
  };

  return { clock, scheduler, executions, plan, call, send, prepare, settled };
}

/** The calls with their predecessors, as the planner orders them, and with the identical reads that need not be sent. */
function link(calls: readonly PlannedCall[], sketches: readonly Sketch[]): PlanEntry[] {
  const after = predecessors(calls.map(({ locks }) => locks));
  const firsts = new Map<string, number>();
  return calls.map((planned, index) => {
    const sketch = sketches[index]!;
    const needs = (sketch.needs ?? []).flatMap(({ back, when }) =>
      index >= back ? [{ index: index - back, when }] : [],
    );
    const own = {
      ...planned,
      after: after[index]!,
      needs: [...new Map(needs.map((need) => [need.index, need])).values()],
    };
    if (sketch.merges !== true || own.class !== 'read' || own.isOpen === true || own.locks.length === 0)
      return { kind: 'run', call: own };
    const same = JSON.stringify([
      sketch.key,
      sketch.ms,
      sketch.answer,
      sketch.timeoutMs,
      sketch.asks,
      own.after,
      own.needs,
    ]);
    const first = firsts.get(same);
    if (first === undefined) firsts.set(same, index);
    return { kind: 'run', call: first === undefined ? own : { ...own, sameAs: first } };
  });
}

function invalid({ index, id, exposedName }: PlannedCall): PlanEntry {
  const outcome = settleUnsent({ code: 'invalid_reference', message: 'nothing there', retryable: false });
  return { kind: 'settled', index, id, tool: exposedName, outcome };
}

export function locksConflict(a: PlannedCall, b: PlannedCall): boolean {
  return a.locks.some((one) => b.locks.some((other) => one.node === other.node && modesConflict(one.mode, other.mode)));
}

function answerOf(answer: Answer | undefined, retryAfterMs: number | undefined): SendResult {
  if (answer === 'isError') return { ok: true, result: { content: [], isError: true } };
  if (answer === 'fails') {
    return { ok: false, sent: true, error: { code: 'upstream_error', message: 'no', retryable: false } };
  }
  if (answer === 'lost') {
    const error = { code: 'connection_lost', message: 'gone', retryable: true } as const;
    return { ok: false, sent: true, fault: 'transport', error };
  }
  if (answer === 'busy') {
    const error = { code: 'upstream_error', message: 'too much to do', retryable: true } as const;
    return { ok: false, sent: true, fault: 'busy', error, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  if (answer === 'away') {
    const error = { code: 'server_unavailable', message: 'not there', retryable: true } as const;
    return { ok: false, sent: false, fault: 'transport', error };
  }
  return { ok: true, result: { content: [] } };
}
