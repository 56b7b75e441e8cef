import { locksForKeys, modesConflict, type LockMode } from '../../src/core/lock.ts';
import type { SendResult } from '../../src/core/outcome.ts';
import type { Plan, PlannedCall } from '../../src/core/plan.ts';
import type { ToolClass } from '../../src/core/tool.ts';
import { createScheduler, type Scheduler } from '../../src/schedule/scheduler.ts';
import type { Send } from '../../src/schedule/start-call.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

/** One call as a test writes it: `key` is `server` or `server/path…`; no key, no locks. */
export interface Sketch {
  key?: string;
  mode?: LockMode;
  class?: ToolClass;
  server?: string;
  ms?: number;
  timeoutMs?: number;
  answer?: 'ok' | 'isError' | 'fails' | 'never' | 'rejects';
}

/** What an upstream did for a call: `endMs` is when it stopped executing it, answered or cancelled. */
export interface Execution {
  batch: string;
  call: PlannedCall;
  sketch: Sketch;
  startMs: number;
  endMs: number;
  /** When the batch learnt its outcome. */
  settledMs: number;
}

/** A scheduler with upstreams that take as long as the sketches say, all in virtual time. */
export interface Stage {
  clock: VirtualClock;
  scheduler: Scheduler;
  executions: Execution[];
  plan(batchId: string, sketches: readonly Sketch[], options?: Partial<Plan>): Plan;
  call(sketch: Sketch, index?: number): PlannedCall;
  send(batchId: string, sketches: readonly Sketch[]): Send;
  settled(batchId: string, index: number): void;
}

export function createStage(
  options: {
    maxParallel?: number;
    servers?: Record<string, { maxParallel: number; maxParallelWrites?: number; bindsPassthrough?: boolean }>;
  } = {},
): Stage {
  const clock = createVirtualClock();
  const caps = Object.entries(options.servers ?? { a: { maxParallel: 8 }, b: { maxParallel: 8 } });
  const scheduler = createScheduler({
    clock,
    maxParallel: options.maxParallel ?? 32,
    servers: new Map(
      caps.map(([name, cap]) => [
        name,
        {
          maxParallel: cap.maxParallel,
          maxParallelWrites: cap.maxParallelWrites ?? cap.maxParallel,
          bindsPassthrough: cap.bindsPassthrough ?? false,
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
    };
  };

  const plan = (batchId: string, sketches: readonly Sketch[], more: Partial<Plan> = {}): Plan => {
    const calls = sketches.map(call);
    const linked = calls.map((later, index) => ({
      ...later,
      after: calls
        .slice(0, index)
        .filter((earlier) => locksConflict(earlier, later))
        .map((earlier) => earlier.index),
    }));
    return {
      batchId,
      entries: linked.map((planned) => ({ kind: 'run', call: planned })),
      maxParallel: 8,
      onError: 'continue',
      deadlineMs: 50_000,
      warnings: [],
      ...more,
    };
  };

  const send =
    (batch: string, sketches: readonly Sketch[]): Send =>
    (planned, signal) => {
      const sketch = sketches[planned.index]!;
      const execution: Execution = {
        batch,
        call: planned,
        sketch,
        startMs: clock.now(),
        endMs: Number.POSITIVE_INFINITY,
        settledMs: Number.POSITIVE_INFINITY,
      };
      executions.push(execution);
      if (sketch.answer === 'rejects') {
        execution.endMs = clock.now();
        return Promise.reject(new Error('a bug'));
      }
      return new Promise<SendResult>((resolve) => {
        const end = (answer: SendResult): void => {
          execution.endMs = Math.min(execution.endMs, clock.now());
          resolve(answer);
        };
        const clear = sketch.answer === 'never' ? () => {} : clock.after(sketch.ms ?? 10, () => end(answerOf(sketch)));
        signal.addEventListener('abort', () => {
          clear();
          end({ ok: false, sent: true, error: { code: 'cancelled', message: 'cancelled', retryable: false } });
        });
      });
    };

  const settled = (batch: string, index: number): void => {
    const execution = executions.find((one) => one.batch === batch && one.call.index === index);
    if (execution !== undefined) execution.settledMs = clock.now();
  };

  return { clock, scheduler, executions, plan, call, send, settled };
}

export function locksConflict(a: PlannedCall, b: PlannedCall): boolean {
  return a.locks.some((one) => b.locks.some((other) => one.node === other.node && modesConflict(one.mode, other.mode)));
}

function answerOf(sketch: Sketch): SendResult {
  if (sketch.answer === 'isError') return { ok: true, result: { content: [], isError: true } };
  if (sketch.answer === 'fails') {
    return { ok: false, sent: true, error: { code: 'upstream_error', message: 'no', retryable: false } };
  }
  return { ok: true, result: { content: [] } };
}
