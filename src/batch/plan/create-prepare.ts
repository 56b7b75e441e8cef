import type { Catalog } from '../../catalog/build-catalog.ts';
import { findTool } from '../../catalog/find-tool.ts';
import type { JsonValue } from '../../core/json.ts';
import type { CallError } from '../../core/outcome.ts';
import type { PlanEntry, PlannedCall, Prepare } from '../../core/plan.ts';
import { toolRuleOf } from '../../policy/policy-index.ts';
import { maxFilledChars } from '../references/fill-references.ts';
import type { ValueOf } from '../references/fill-references.ts';
import { readElements, readReference } from '../references/read-result.ts';
import type { Ended } from '../references/read-result.ts';
import type { Reference } from '../references/reference.ts';
import type { BatchRequest } from '../request/batch-request.ts';
import { createCallerAt } from './fill/caller-at.ts';
import { fillCall } from './fill/fill-call.ts';
import { arrangeCalls } from './order/arrange-calls.ts';
import { runEntry, settledEntry } from './order/plan-entry.ts';
import type { JudgedCall, Match } from './order/judged-call.ts';
import { stopAfterFailure } from './order/stop-after-failure.ts';
import type { Surroundings } from './resolve-call.ts';

/** What a batch is prepared with: the same objects as it was planned with, and what has come of that. */
type Preparation = Omit<Surroundings, 'unavailable'> & {
  request: BatchRequest;
  readOnly: boolean;
  entries: readonly PlanEntry[];
};

/**
 * What fills the open calls of one batch as their dependencies end: references by their values, a `forEach` call by one call per
 * element. Each is judged again by what it now says, so that no class, decision or lock rests on what was not known. Counts the
 * elements of the batch, and the characters that are filled in, so each batch needs its own.
 */
export function createPrepare(bag: Preparation): Prepare {
  const { request, catalog, servers, validate, readOnly } = bag;
  const callerAt = createCallerAt(bag.entries, bag.caller);
  const indexOf = new Map(request.calls.map(({ id, index }) => [id, index]));
  const budget = { left: maxFilledChars };
  let elementsBefore = 0;

  return (open, outcomes) => {
    // Both are there: the call was planned from this request and this catalogue, and its dependencies have ended.
    const asked = request.calls[open.index]!;
    const entry = catalog.byExposedName.get(open.exposedName)!;
    const match: Match = { entry, class: open.class, reason: open.reason, locks: open.locks };
    const endOf = ({ id, view }: Reference): Ended => {
      const index = indexOf.get(id)!;
      const outcome = outcomes[index]!;
      return view === 'lines' ? { outcome, empty: emptyTextsOf(request.calls[index]!.tool, catalog) } : { outcome };
    };
    const valueOf = remember((reference) => readReference(reference, endOf(reference)));
    const judging = { validate, readOnly, caller: callerAt(open.index) };
    const fill = (id: string, item?: JsonValue): JudgedCall =>
      fillCall({ ...asked, id }, { match, valueOf, budget, judging, ...(item !== undefined && { item }) });

    const { forEach } = asked;
    if (forEach === undefined) return replaceCall(open, fill(open.id));
    const found = readElements(forEach, endOf(forEach));
    const problem = found.ok
      ? findExcess(found.elements.length, { elementsBefore, most: request.maxElements })
      : { code: 'invalid_reference' as const, message: `forEach: ${found.reason}`, retryable: false };
    if (!found.ok || problem !== undefined) return settledEntry(open.index, { call: asked, match, error: problem! });
    elementsBefore += found.elements.length;
    const filled = found.elements.map((element, number) => fill(`${open.id}[${number}]`, element));
    const calls = request.onError === 'stop' ? stopAfterFailure(filled) : filled;
    const isSerial = request.parallel === 'avoid';
    return { kind: 'each', entries: arrangeCalls(calls, { servers, isSerial, pathBehind: open.pathLength - 1 }) };
  };
}

/** A reference stands a thousand times for the same where it is in the arguments of a thousand elements. */
function remember(read: ValueOf): ValueOf {
  const known = new Map<string, ReturnType<ValueOf>>();
  return (reference) => {
    const key = JSON.stringify(reference);
    const value = known.get(key) ?? read(reference);
    known.set(key, value);
    return value;
  };
}

/** The texts by which a tool says that there is nothing. */
function emptyTextsOf(tool: string, catalog: Catalog): readonly string[] | undefined {
  const found = findTool(catalog, tool);
  return found.kind === 'found' ? toolRuleOf(found.entry.policy, found.entry.tool.name)?.empty : undefined;
}

/** The call that an open one has become, at the same place in the batch. */
function replaceCall({ index, after, needs, pathLength, timeoutMs }: PlannedCall, filled: JudgedCall): PlanEntry {
  if (filled.error !== undefined) return settledEntry(index, filled);
  return runEntry(filled, { index, after, needs, pathLength, timeoutMs });
}

function findExcess(count: number, bag: { elementsBefore: number; most: number }): CallError | undefined {
  const { elementsBefore, most } = bag;
  if (elementsBefore + count <= most) return undefined;
  const others = elementsBefore > 0 ? `, ${elementsBefore} of them taken by other calls` : '';
  const message = `forEach: ${count} elements, and the calls of one batch take at most ${most} together${others}; narrow the list, or run over parts of it in several batches`;
  return { code: 'limit_exceeded', message, retryable: false };
}
