import type { Outcome } from '../../src/core/outcome.ts';
import type { Plan } from '../../src/core/plan.ts';
import type { BatchHandle } from '../../src/schedule/batch/batch-handle.ts';
import type { RunOptions } from '../../src/schedule/batch/run-options.ts';
import type { Sketch, Stage } from './stage.ts';

/** A batch that runs, and what it has come to so far. */
export interface Started {
  handle: BatchHandle;
  reply?: readonly Outcome[];
  replyMs?: number;
  ended?: readonly Outcome[];
  endedMs?: number;
}

/** How a batch of sketches is started. */
export type StartOptions = Partial<Plan> & { name?: string } & Partial<
    Pick<RunOptions, 'signal' | 'backgroundMs' | 'recorder' | 'acceptedMs' | 'send' | 'approver'>
  >;

/** Starts sketches as a batch; times are those of the stage's clock. */
export function start(stage: Stage, sketches: readonly Sketch[], options: StartOptions = {}): Started {
  const { name = 'batch', signal, backgroundMs, recorder, acceptedMs, send, approver, ...plan } = options;
  const handle = stage.scheduler.startBatch(stage.plan(name, sketches, plan), {
    send: send ?? stage.send(name, sketches),
    prepare: stage.prepare(sketches),
    onSettled: (index) => stage.settled(name, index),
    ...(signal !== undefined && { signal }),
    ...(backgroundMs !== undefined && { backgroundMs }),
    ...(recorder !== undefined && { recorder }),
    ...(approver !== undefined && { approver }),
    ...(acceptedMs !== undefined && { acceptedMs }),
  });
  const started: Started = { handle };
  const { clock } = stage;
  void handle.reply.then((reply) => Object.assign(started, { reply, replyMs: clock.now() }));
  void handle.ended.then((ended) => Object.assign(started, { ended, endedMs: clock.now() }));
  return started;
}

/** Which calls were sent when: `batch c0 120`. */
export function sendings({ executions }: Stage): string[] {
  return executions.map(({ batch, call, startMs }) => `${batch} ${call.id} ${startMs}`);
}

export const nothing = { lockNodes: 0, ready: 0, slots: 0, passthrough: 0 };
