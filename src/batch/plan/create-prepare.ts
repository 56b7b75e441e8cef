import type { JsonValue } from '../../core/json.ts';
import type { CallError, ErrorCode, Outcome } from '../../core/outcome.ts';
import type { PlanEntry, PlannedCall, Prepare } from '../../core/plan.ts';
import { fillReferences } from '../references/fill-references.ts';
import { readElements, readReference } from '../references/read-result.ts';
import type { Reference } from '../references/reference.ts';
import type { BatchRequest, CallRequest } from '../request/batch-request.ts';
import { argumentsTooLong, scanArguments } from '../request/scan-arguments.ts';
import { judgeCall } from './judge-call.ts';
import type { Match } from './judge-call.ts';
import { arrangeCalls } from './order/arrange-calls.ts';
import { runEntry, settledEntry } from './order/plan-entry.ts';
import type { JudgedCall } from './order/plan-entry.ts';
import { stopAfterFailure } from './order/stop-after-failure.ts';
import type { Surroundings } from './resolve-call.ts';

/** What a batch is prepared with: the same objects as it was planned with. */
type Preparation = Omit<Surroundings, 'unavailable'> & { request: BatchRequest; readOnly: boolean };

/**
 * What fills the open calls of one batch as their dependencies end: references by their values, a `forEach` call by one call per
 * element. Each is judged again by what it now says, so that no class, decision or lock rests on what was not known. Counts the
 * elements of the batch, so each batch needs its own.
 */
export function createPrepare(bag: Preparation): Prepare {
  const { request, catalog, servers } = bag;
  const indexOf = new Map(request.calls.map(({ id, index }) => [id, index]));
  let elementsBefore = 0;

  return (open, outcomes) => {
    // Both are there: the call was planned from this request and this catalogue, and its dependencies have ended.
    const asked = request.calls[open.index]!;
    const entry = catalog.byExposedName.get(open.exposedName)!;
    const match: Match = { entry, class: open.class, reason: open.reason, locks: open.locks };
    const outcomeOf = ({ id }: Reference): Outcome => outcomes[indexOf.get(id)!]!;
    const fill = (id: string, item?: JsonValue): JudgedCall =>
      fillCall({ ...asked, id }, { match, outcomeOf, bag, ...(item !== undefined && { item }) });

    const { forEach } = asked;
    if (forEach === undefined) return replaceCall(open, fill(open.id));
    const found = readElements(forEach, outcomeOf(forEach));
    const problem = found.ok
      ? findExcess(found.elements.length, { elementsBefore, most: request.maxElements })
      : fail('invalid_reference', `forEach: ${found.reason}`);
    if (!found.ok || problem !== undefined) return settledEntry(open.index, { call: asked, match, error: problem! });
    elementsBefore += found.elements.length;
    const filled = found.elements.map((element, number) => fill(`${open.id}[${number}]`, element));
    const calls = request.onError === 'stop' ? stopAfterFailure(filled) : filled;
    const isSerial = request.parallel === 'avoid';
    return { kind: 'each', entries: arrangeCalls(calls, { servers, isSerial, pathBehind: open.pathLength - 1 }) };
  };
}

/** The call that an open one has become, at the same place in the batch. */
function replaceCall({ index, after, needs, pathLength, timeoutMs }: PlannedCall, filled: JudgedCall): PlanEntry {
  if (filled.error !== undefined) return settledEntry(index, filled);
  return runEntry(filled, { index, after, needs, pathLength, timeoutMs });
}

/** One call with its real arguments, judged by them; `match` is what it was held for as long as they were not known. */
function fillCall(
  asked: CallRequest,
  given: { match: Match; outcomeOf: (reference: Reference) => Outcome; item?: JsonValue; bag: Preparation },
): JudgedCall {
  const { match, outcomeOf, item, bag } = given;
  // What it needed has ended.
  const call = { ...asked, isOpen: false, needs: [] };
  // Without holes they are ready, and what in them still looks like a reference is meant as it stands.
  const filled =
    asked.holes.length === 0
      ? { ok: true as const, args: asked.arguments }
      : fillReferences(asked.arguments, {
          valueOf: (reference) => readReference(reference, outcomeOf(reference)),
          ...(item !== undefined && { item }),
        });
  if (!filled.ok) {
    const isTooLong = filled.message === argumentsTooLong;
    return { call, match, error: fail(isTooLong ? 'limit_exceeded' : 'invalid_reference', filled.message) };
  }
  const limit = scanArguments(filled.args);
  if (limit !== undefined) return { call, match, error: limit };
  const { warning: _, ...judged } = judgeCall(match.entry, {
    arguments: filled.args,
    isOpen: false,
    holes: [],
    validate: bag.validate,
  });
  const toolClass = judged.match.class;
  if (bag.readOnly && toolClass !== 'read' && judged.error === undefined) {
    const message = `batch_read runs reads only, and with these arguments it is ${toolClass}: ${judged.match.reason}; use batch_call`;
    return { call, match: judged.match, error: fail('denied_by_policy', message) };
  }
  return { call: { ...call, arguments: filled.args }, ...judged };
}

function findExcess(count: number, bag: { elementsBefore: number; most: number }): CallError | undefined {
  const { elementsBefore, most } = bag;
  if (elementsBefore + count <= most) return undefined;
  const others = elementsBefore > 0 ? `, ${elementsBefore} of them taken by other calls` : '';
  const message = `forEach: ${count} elements, and the calls of one batch take at most ${most} together${others}; narrow the list, or run over parts of it in several batches`;
  return fail('limit_exceeded', message);
}

function fail(code: ErrorCode, message: string): CallError {
  return { code, message, retryable: false };
}
