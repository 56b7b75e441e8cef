import type { ApprovalSubject, Remembrance } from '../../../core/approval.ts';
import type { JsonObject } from '../../../core/json.ts';
import { showInvisible } from '../../../core/text/show-invisible.ts';

/** A call that a person is asked about, by the id that it has in its batch. */
export interface AskedCall {
  id: string;
  subject: ApprovalSubject;
}

/** The field of the form that decides; without it, or with anything else in it, the answer is no. */
export const decisionField = 'decision';

/** What can be said to the calls of one question. `some`: to those that are ticked. */
export type Decision = 'no' | 'yes' | 'some' | 'yes_arguments' | 'yes_session';

// A single call is not chosen from; of more boxes than these nobody reads what stands beside each.
const minChoice = 2;
const maxChoice = 10;
const maxTitleChars = 100;

/** The decisions that the form of these calls offers, the first of them no: what is remembered is what policy allows for all of them. */
export function decisionsOn(calls: readonly AskedCall[]): Decision[] {
  const allow = (wanted: readonly Remembrance[]): boolean =>
    calls.every(({ subject }) => wanted.includes(subject.remember));
  return [
    'no',
    'yes',
    ...(hasChoice(calls) ? (['some'] as const) : []),
    ...(allow(['arguments', 'session']) ? (['yes_arguments'] as const) : []),
    ...(allow(['session']) ? (['yes_session'] as const) : []),
  ];
}

/** The box of the call at this position. By number, since ids of calls are chosen by whoever wants them approved. */
export function tickField(position: number): string {
  return `call_${position + 1}`;
}

/**
 * `requestedSchema` of the question: flat, of primitive types alone, with titles by `enumNames`, which is what all revisions since
 * 2025-06-18 read. Nothing in it is a yes unless somebody makes it one.
 */
export function renderForm(calls: readonly AskedCall[]): JsonObject {
  const decisions = decisionsOn(calls);
  const titles = titlesFor(calls.length);
  const ticks = hasChoice(calls) ? calls : [];
  return {
    type: 'object',
    properties: {
      [decisionField]: {
        type: 'string',
        title: calls.length === 1 ? 'May it run?' : 'May they run?',
        enum: decisions,
        enumNames: decisions.map((decision) => titles[decision]),
        default: 'no',
      },
      ...Object.fromEntries(
        ticks.map(({ id, subject }, position) => [
          tickField(position),
          {
            type: 'boolean',
            title: `${position + 1}. ${showInvisible(`${id} ${subject.exposedName}`).slice(0, maxTitleChars)}`,
            description: 'Counts only where the decision is to run those ticked.',
            default: false,
          },
        ]),
      ),
    },
    required: [decisionField],
  };
}

function hasChoice({ length }: readonly AskedCall[]): boolean {
  return length >= minChoice && length <= maxChoice;
}

function titlesFor(count: number): Record<Decision, string> {
  const isOne = count === 1;
  return {
    no: 'No',
    yes: `Yes, run ${isOne ? 'it' : `all ${count}`} once`,
    some: 'Run only those ticked, once',
    yes_arguments: `Yes, and do not ask about the same ${isOne ? 'call' : 'calls'} again for an hour`,
    yes_session: `Yes, and do not ask about ${isOne ? 'this tool' : 'these tools'} again in this session, whatever the arguments`,
  };
}
