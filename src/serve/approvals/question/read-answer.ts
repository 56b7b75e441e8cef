import type { Remembrance } from '../../../core/approval.ts';
import { isJsonObject, type JsonValue } from '../../../core/json.ts';
import type { Reply } from '../../../core/protocol/rpc.ts';
import { decisionField, decisionsOn, tickField, type AskedCall, type Decision } from './question-form.ts';

/** What became of one question. */
export type Answer =
  /** A person has decided, call by call. */
  | { kind: 'decided'; verdicts: readonly Verdict[] }
  /** The question was sent away unanswered: `decline` or `cancel`, as people do, and clients that have nobody at hand. */
  | { kind: 'dismissed'; action: 'decline' | 'cancel' }
  /** Nobody was asked: the client cannot, or something went wrong on the way. */
  | { kind: 'nobody'; reason: string };

/** Of one call. `remember`: how far the yes is to be remembered. */
type Verdict = { isYes: false } | { isYes: true; remember: Remembrance };

const no: Verdict = { isYes: false };
const once: Verdict = { isYes: true, remember: 'none' };
const remembered = { yes_arguments: 'arguments', yes_session: 'session' } as const;
const maxReasonChars = 200;

/**
 * Reads a client's answer to the question about these calls. Only `accept` with a decision that the form offers is a yes
 * (reliability.md §4); a form that was sent back empty, or with something else in it, is a no.
 */
export function readAnswer(reply: Reply, calls: readonly AskedCall[]): Answer {
  if (!reply.ok) return { kind: 'nobody', reason: describeError(reply.error) };
  const { action, content } = reply.result;
  if (action === 'decline' || action === 'cancel') return { kind: 'dismissed', action };
  if (action !== 'accept') return { kind: 'nobody', reason: 'its answer is none' };
  const fields = isJsonObject(content) ? content : {};
  const decision = readDecision(fields[decisionField], calls);
  return { kind: 'decided', verdicts: calls.map((_, position) => verdictOn(fields[tickField(position)])) };

  function verdictOn(tick: JsonValue | undefined): Verdict {
    if (decision === 'yes') return once;
    if (decision === 'some') return tick === true ? once : no;
    const remember = decision === 'no' ? undefined : remembered[decision];
    return remember === undefined ? no : { isYes: true, remember };
  }
}

/** What was not offered cannot be chosen. */
function readDecision(given: JsonValue | undefined, calls: readonly AskedCall[]): Decision {
  return decisionsOn(calls).find((decision) => decision === given) ?? 'no';
}

function describeError({ code, message }: { code: number; message: string }): string {
  return `it answered with error ${code}: ${message.replaceAll(/\s+/g, ' ').slice(0, maxReasonChars)}`;
}
