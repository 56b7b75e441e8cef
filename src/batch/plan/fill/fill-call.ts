import type { JsonValue } from '../../../core/json.ts';
import type { CallError, ErrorCode } from '../../../core/outcome.ts';
import { fillReferences } from '../../references/fill-references.ts';
import { readReference } from '../../references/read-result.ts';
import type { Ended } from '../../references/read-result.ts';
import type { Reference } from '../../references/reference.ts';
import type { CallRequest } from '../../request/batch-request.ts';
import { argumentsTooLong, scanArguments } from '../../request/scan-arguments.ts';
import type { ArgumentValidator } from '../argument-validator.ts';
import { judgeCall } from '../judge-call.ts';
import type { Match } from '../judge-call.ts';
import type { JudgedCall } from '../order/plan-entry.ts';
import { explainFill } from './explain-fill.ts';

/** One call with its real arguments, judged by them; `match` is what it was held for as long as they were not known. */
export function fillCall(
  asked: CallRequest,
  given: {
    match: Match;
    endOf: (reference: Reference) => Ended;
    item?: JsonValue;
    bag: { validate: ArgumentValidator; readOnly: boolean };
  },
): JudgedCall {
  const { match, endOf, item, bag } = given;
  // What it needed has ended.
  const call = { ...asked, isOpen: false, needs: [] };
  // Without holes they are ready, and what in them still looks like a reference is meant as it stands.
  const filled =
    asked.holes.length === 0
      ? { ok: true as const, args: asked.arguments }
      : fillReferences(asked.arguments, {
          valueOf: (reference) => readReference(reference, endOf(reference)),
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
    explain: explainFill({ written: asked.arguments, filled: filled.args, holes: asked.holes }),
  });
  const toolClass = judged.match.class;
  if (bag.readOnly && toolClass !== 'read' && judged.error === undefined) {
    const message = `batch_read runs reads only, and with these arguments it is ${toolClass}: ${judged.match.reason}; use batch_call`;
    return { call, match: judged.match, error: fail('denied_by_policy', message) };
  }
  return { call: { ...call, arguments: filled.args }, ...judged };
}

function fail(code: ErrorCode, message: string): CallError {
  return { code, message, retryable: false };
}
