import type { JsonObject } from '../../core/json.ts';
import { hasRun } from '../reply/replied-call.ts';
import type { RepliedCall } from '../reply/replied-call.ts';
import type { GanttReport } from '../render/gantt.ts';
import { assignSlots } from './assign-slots.ts';

/** Far more slots than a server can have, so that every thread of the trace has a number of its own. */
const maxSlots = 100_000;

/** A call that ran, at its place in the trace: a server is a process, a slot of it a thread. Times are microseconds. */
interface Slice {
  call: RepliedCall;
  pid: number;
  tid: number;
  ts: number;
  dur: number;
}

/** What is drawn of a batch. */
export interface TracedBatch {
  batchId: string;
  calls: readonly RepliedCall[];
  timing: GanttReport['timing'];
}

/**
 * A batch that has run as a Chrome trace (Trace Event Format, JSON object form), which Perfetto and chrome://tracing open: calls in
 * the slots of their servers, their waiting apart, and arrows along the critical path.
 */
export function toTrace({ batchId, calls, timing }: TracedBatch): JsonObject {
  const { criticalPath = [] } = timing;
  const sent = calls.flatMap((call) => (call.items !== undefined && call.items.length > 0 ? toElements(call) : [call]));
  const ran = sent.filter(hasRun);
  const servers = [...new Set(ran.map(serverOf))];
  const slices = servers.flatMap((server, index) =>
    placeServer(
      ran.filter((call) => serverOf(call) === server),
      index + 1,
    ),
  );
  const critical = findCritical(slices, criticalPath);
  const waitingPid = servers.length + 1;
  const isCritical = new Set(critical);
  return {
    displayTimeUnit: 'ms',
    otherData: { batchId, ...timing, criticalPath: [...criticalPath] },
    traceEvents: [
      ...servers.flatMap((server, index) => nameProcess(server, index + 1)),
      ...nameProcess('waiting', waitingPid),
      ...nameSlots(slices),
      ...slices.map((slice) => toSliceEvent(slice, isCritical.has(slice))),
      ...sent.flatMap((call, index) => toWaitEvents(call, { id: index + 1, pid: waitingPid })),
      ...critical.flatMap((slice, index) => toArrow(critical[index - 1], slice, index)),
    ],
  };
}

/** The calls for the elements of a list say only what is their own. */
function toElements(call: RepliedCall): RepliedCall[] {
  const { server, class: toolClass, waitedFor } = call;
  return (call.items ?? []).map((item) => ({
    ...(server !== undefined && { server }),
    ...(toolClass !== undefined && { class: toolClass }),
    ...item,
    tool: item.tool === '' ? call.tool : item.tool,
    waitedFor: [...new Set([...waitedFor, ...item.waitedFor])],
  }));
}

function serverOf({ server = 'unknown server' }: RepliedCall): string {
  return server;
}

function placeServer(calls: readonly RepliedCall[], pid: number): Slice[] {
  const placed = assignSlots(calls);
  return calls.map((call, index) => {
    const { slot = 1, shownMs = 0 } = placed[index] ?? {};
    return { call, pid, tid: pid * maxSlots + slot, ts: call.startedMs * 1_000, dur: shownMs * 1_000 };
  });
}

function nameProcess(name: string, pid: number): JsonObject[] {
  return [
    { ph: 'M', name: 'process_name', pid, tid: 0, args: { name } },
    { ph: 'M', name: 'process_sort_index', pid, tid: 0, args: { sort_index: pid } },
  ];
}

function nameSlots(slices: readonly Slice[]): JsonObject[] {
  const threads = new Map(slices.map(({ pid, tid }) => [tid, pid]));
  return [...threads]
    .sort(([a], [b]) => a - b)
    .flatMap(([tid, pid]) => {
      const slot = tid % maxSlots;
      return [
        { ph: 'M', name: 'thread_name', pid, tid, args: { name: `slot ${slot}` } },
        { ph: 'M', name: 'thread_sort_index', pid, tid, args: { sort_index: slot } },
      ];
    });
}

function toSliceEvent({ call, pid, tid, ts, dur }: Slice, isCritical: boolean): JsonObject {
  return {
    ph: 'X',
    name: `${call.id} ${call.tool}`,
    cat: call.class ?? 'call',
    pid,
    tid,
    ts,
    dur,
    // One of the colours that chrome://tracing has names for; Perfetto goes by the arrows.
    ...(isCritical && { cname: 'thread_state_iowait' }),
    args: {
      ...describeCall(call),
      ...(call.applied !== undefined && { applied: call.applied }),
      ...(call.class !== undefined && { class: call.class }),
      runMs: call.runMs,
      attempts: call.attempts,
      ...(isCritical && { criticalPath: true }),
      ...(call.error !== undefined && { error: call.error.code }),
    },
  };
}

/** Asynchronous events, since any number of calls wait at once and none of them in a slot. */
function toWaitEvents(call: RepliedCall, { id, pid }: { id: number; pid: number }): JsonObject[] {
  if (call.queuedMs <= 0) return [];
  const endMs = call.startedMs;
  const same = { cat: 'waiting', name: `${call.id} waits`, id, pid, tid: 0 };
  return [
    { ph: 'b', ...same, ts: Math.max(0, endMs - call.queuedMs) * 1_000, args: describeCall(call) },
    { ph: 'e', ...same, ts: endMs * 1_000 },
  ];
}

function describeCall({ id, status, waitedFor, queuedMs }: RepliedCall): JsonObject {
  return { id, status, waitedFor, queuedMs };
}

/** The slices on the critical path, first to last; of a call for each element, the one that ended last. */
function findCritical(slices: readonly Slice[], criticalPath: readonly string[]): Slice[] {
  const byId = new Map<string, Slice>();
  const endOf = ({ ts, dur }: Slice): number => ts + dur;
  for (const slice of slices) {
    const { id } = slice.call;
    byId.set(id, slice);
    const whole = id.replace(/\[\d+\]$/, '');
    const last = byId.get(whole);
    if (whole !== id && (last === undefined || endOf(last) < endOf(slice))) byId.set(whole, slice);
  }
  return criticalPath.flatMap((id) => byId.get(id) ?? []);
}

/** An arrow from the end of one slice to the start of the next. It has to begin inside the slice that it comes from. */
function toArrow(from: Slice | undefined, to: Slice, id: number): JsonObject[] {
  if (from === undefined) return [];
  const same = { cat: 'critical path', name: 'critical path', id };
  const leaves = Math.max(from.ts, Math.min(from.ts + from.dur - 1, to.ts));
  return [
    { ph: 's', ...same, pid: from.pid, tid: from.tid, ts: leaves },
    { ph: 'f', bp: 'e', ...same, pid: to.pid, tid: to.tid, ts: to.ts },
  ];
}
