import type { JsonValue } from '../../../core/json.ts';
import type { Caller } from '../../../core/verdict.ts';
import { fillReferences } from '../../references/fill-references.ts';
import type { FillBudget, ValueOf } from '../../references/fill-references.ts';
import type { CallRequest } from '../../request/batch-request.ts';
import type { ArgumentValidator } from '../argument-validator.ts';
import { judgeCall } from '../judge-call.ts';
import type { JudgedCall, Match } from '../order/judged-call.ts';
import { explainFill } from './explain-fill.ts';

/** One call with its real arguments, judged by them; `match` is what it was held for as long as they were not known. */
export function fillCall(
  asked: CallRequest,
  given: {
    match: Match;
    valueOf: ValueOf;
    item?: JsonValue;
    budget: FillBudget;
    judging: { validate: ArgumentValidator; readOnly: boolean; caller: Caller | undefined };
  },
): JudgedCall {
  const { match, valueOf, item, budget, judging } = given;
  // What it needed has ended.
  const call = { ...asked, isOpen: false, needs: [] };
  // Without holes they are ready, and what in them still looks like a reference is meant as it stands.
  const filled =
    asked.holes.length === 0
      ? { ok: true as const, args: asked.arguments }
      : fillReferences(asked.arguments, {
          valueOf,
          budget,
          ...(item !== undefined && { item }),
        });
  if (!filled.ok) return { call, match, error: filled.error };
  const { warning: _, ...judged } = judgeCall(match.entry, {
    arguments: filled.args,
    isOpen: false,
    holes: [],
    validate: judging.validate,
    caller: judging.caller,
    explain: explainFill({ written: asked.arguments, filled: filled.args, holes: asked.holes }),
  });
  const toolClass = judged.match.class;
  if (judging.readOnly && toolClass !== 'read' && judged.error === undefined) {
    const message = `batch_read runs reads only, and with these arguments it is ${toolClass}: ${judged.match.reason}; use batch_call`;
    return { call, match: judged.match, error: { code: 'denied_by_policy', message, retryable: false } };
  }
  return { call: { ...call, arguments: filled.args }, ...judged };
}
