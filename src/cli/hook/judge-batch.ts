import { createArgumentValidator } from '../../batch/plan/argument-validator.ts';
import { planBatch } from '../../batch/plan/plan-batch.ts';
import { parseBatch } from '../../batch/request/parse-batch.ts';
import type { Config } from '../../config/config.ts';
import type { PlanEntry } from '../../core/plan.ts';
import type { CallError } from '../../core/outcome.ts';
import type { KeptTools } from '../proxy/kept-catalog.ts';
import { toSetup } from '../../serve/setup.ts';
import type { JudgedUse } from './tool-use.ts';

/** A batch as it would be run, and what is known without connecting to anything. */
export interface BatchUse {
  input: unknown;
  readOnly: boolean;
  config: Config;
  kept: KeptTools;
}

/**
 * What the engine would decide about each call of a batch, by the same reading and the same plan. Where it cannot be known, since a
 * tool is not known or values are still to be filled that decide, a person is to be asked.
 */
export function judgeBatch({ input, readOnly, config, kept }: BatchUse): JudgedUse[] {
  const { settings, servers, disabled, flow } = toSetup(config);
  const tool = readOnly ? 'batch_read' : 'batch_call';
  const parsed = parseBatch(input, settings);
  // Nothing of it would run, and the model learns what to mend.
  if (!parsed.ok) return [{ tool, decision: 'deny', reason: `it would be refused: ${parsed.error.message}` }];
  const planned = planBatch({
    request: parsed.request,
    catalog: kept.catalog,
    servers,
    disabled,
    readOnly: false,
    batchId: '',
    validate: createArgumentValidator(),
    unavailable: kept.unavailable,
    // What the session has read before is known to the running proxy alone, which judges by that too.
    ...(flow !== undefined && { caller: () => ({ flow: { action: flow.action, touched: {} } }) }),
  });
  if (!planned.ok) return [{ tool, decision: 'ask', reason: planned.error.message }];
  const isPlanOnly = parsed.request.mode === 'plan';
  return planned.plan.entries.map((entry) => {
    const judged = judgeEntry(entry, readOnly);
    return isPlanOnly ? { ...judged, decision: 'allow', reason: 'it is planned only, and nothing is sent' } : judged;
  });
}

function judgeEntry(entry: PlanEntry, readOnly: boolean): JudgedUse {
  if (entry.kind === 'run') {
    const { id, exposedName: tool, class: toolClass, reason, approval, mayAsk } = entry.call;
    const known = { id, tool, class: toolClass };
    if (readOnly && toolClass !== 'read') {
      return { ...known, decision: 'ask', reason: `batch_read runs reads only, and this is none: ${reason}` };
    }
    if (approval !== undefined) return { ...known, decision: 'ask', reason: approval.reason };
    if (mayAsk === true) {
      return { ...known, decision: 'ask', reason: `it may need approval once its references are filled: ${reason}` };
    }
    return { ...known, decision: 'allow', reason };
  }
  const { id, tool, class: toolClass, outcome } = entry;
  const { error } = outcome;
  const known = { id, tool, ...(toolClass !== undefined && { class: toolClass }) };
  return { ...known, ...judgeError(error) };
}

function judgeError(error: CallError | undefined): Pick<JudgedUse, 'decision' | 'reason'> {
  const { code, message } = error ?? { message: 'it has no outcome' };
  if (code === 'denied_by_policy' || code === 'tool_changed') return { decision: 'deny', reason: message };
  // By what is kept it would not run; by what its server says now it might.
  return { decision: 'ask', reason: `it cannot be judged: ${message}` };
}
