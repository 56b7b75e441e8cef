import type { Counter, Histogram, Meter, MetricOptions } from '@opentelemetry/api';
import type { ObservedProcess } from '../core/telemetry.ts';

/** Everything that is counted and measured. Durations are seconds. */
export interface Instruments {
  serverOperation: Histogram;
  clientOperation: Histogram;
  serverSession: Histogram;
  clientSession: Histogram;
  batchDuration: Histogram;
  batchCalls: Histogram;
  batchSaved: Histogram;
  callQueue: Histogram;
  approvalDuration: Histogram;
  calls: Counter;
  retries: Counter;
  approvals: Counter;
  /** Has the process looked at whenever metrics are read. Returns what ends that. */
  observe(process: ObservedProcess): () => void;
}

/** Semantic conventions for MCP, `mcp.server.operation.duration`. */
const operationS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];
/** What waits for a slot alone waits a few milliseconds. */
const queueS = [0.001, 0.002, 0.005, ...operationS];
const callCounts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

export function createInstruments(meter: Meter): Instruments {
  const seconds = (name: string, description: string, boundaries = operationS): Histogram =>
    meter.createHistogram(name, { description, unit: 's', ...bucketsOf(boundaries) });
  return {
    serverOperation: seconds('mcp.server.operation.duration', 'From a request of a client to its answer.'),
    clientOperation: seconds('mcp.client.operation.duration', 'From a request to a server to its answer.'),
    serverSession: seconds('mcp.server.session.duration', 'How long a session of a client lasted.'),
    clientSession: seconds('mcp.client.session.duration', 'How long a connection to a server stood.'),
    batchDuration: seconds('marshal.batch.duration', 'From the acceptance of a batch to the end of its last call.'),
    batchCalls: meter.createHistogram('marshal.batch.calls', {
      description: 'Calls of a batch.',
      unit: '{call}',
      ...bucketsOf(callCounts),
    }),
    batchSaved: seconds(
      'marshal.batch.saved',
      'What the calls of a batch would have taken one by one, less what it took.',
    ),
    callQueue: seconds('marshal.call.queue.duration', 'From the acceptance of a call to its first sending.', queueS),
    approvalDuration: seconds('marshal.approval.duration', 'From the question about a call to its answer.'),
    calls: meter.createCounter('marshal.calls', { description: 'Calls that have ended.', unit: '{call}' }),
    retries: meter.createCounter('marshal.call.retries', {
      description: 'Sendings of calls after their first one.',
      unit: '{retry}',
    }),
    approvals: meter.createCounter('marshal.approvals', {
      description: 'Questions about calls, by their answer.',
      unit: '{approval}',
    }),
    observe: (process) => observe(meter, process),
  };
}

function observe(meter: Meter, { load, upstreams }: ObservedProcess): () => void {
  const depth = meter.createObservableGauge('marshal.queue.depth', {
    description: 'Calls that wait for their turn or for a slot.',
    unit: '{call}',
  });
  const active = meter.createObservableGauge('marshal.calls.active', {
    description: 'Calls under way.',
    unit: '{call}',
  });
  const state = meter.createObservableGauge('marshal.upstream.state', {
    description: '1 for the state that a server is in.',
  });
  const circuit = meter.createObservableGauge('marshal.upstream.circuit.open', {
    description: '1 while calls of a server are refused since it has failed too often, else 0.',
  });
  const observed = [depth, active, state, circuit];
  const look: Parameters<Meter['addBatchObservableCallback']>[0] = (result) => {
    const { ready, slots, passthrough } = load();
    result.observe(depth, ready);
    result.observe(active, slots + passthrough);
    for (const { name, state: current, isRefusing } of upstreams()) {
      result.observe(state, 1, { 'marshal.server': name, 'marshal.upstream.state': current });
      result.observe(circuit, isRefusing === true ? 1 : 0, { 'marshal.server': name });
    }
  };
  meter.addBatchObservableCallback(look, observed);
  return () => meter.removeBatchObservableCallback(look, observed);
}

function bucketsOf(explicitBucketBoundaries: number[]): Pick<MetricOptions, 'advice'> {
  return { advice: { explicitBucketBoundaries } };
}
