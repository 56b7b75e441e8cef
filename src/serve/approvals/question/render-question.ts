import { showArguments } from '../../../batch/input/show-arguments.ts';
import type { Question } from '../../../core/protocol/client.ts';
import { showInvisible } from '../../../core/text/show-invisible.ts';
import { asOwn } from './own-question.ts';
import { renderForm, type AskedCall } from './question-form.ts';

/** What one dialogue can show so that it is read. More calls are asked about in several questions: nobody says yes to what was not shown. */
const maxCalls = 20;
/** Of all arguments of one question: they share it, and none gets less than is needed to see what it is. */
const argumentChars = 12_000;
const minArgumentChars = 500;
const maxArgumentChars = 4_000;
const maxReasonChars = 300;
const maxNameChars = 128;

/** The calls in questions that one dialogue can show, in their order. */
export function splitQuestions<Call extends AskedCall>(calls: readonly Call[]): Call[][] {
  const count = Math.ceil(calls.length / maxCalls);
  const size = Math.ceil(calls.length / Math.max(1, count));
  return Array.from({ length: count }, (_, index) => calls.slice(index * size, (index + 1) * size));
}

/**
 * The one question about these calls: for each its tool and server, its arguments shortened and with secrets covered, its class, and why
 * it needs approval. Whatever upstreams or models have written stands on its own line with everything invisible written out, so that
 * it cannot look like another call, or like words of ours.
 */
export function renderQuestion(
  calls: readonly AskedCall[],
  { batchId, part, parts }: { batchId: string | undefined; part: number; parts: number },
): Question {
  const what = calls.length === 1 ? 'A call needs' : `${calls.length} calls need`;
  const from = batchId === undefined ? '' : ` (batch ${batchId}${parts > 1 ? `, question ${part} of ${parts}` : ''})`;
  const maxChars = Math.min(Math.max(Math.floor(argumentChars / calls.length), minArgumentChars), maxArgumentChars);
  const message = [
    `mcp-marshal: ${what} your approval${from}.`,
    ...calls.map((call, position) => renderCall(call, { position, maxChars })),
  ].join('\n\n');
  return asOwn({ method: 'elicitation/create', params: { message, requestedSchema: renderForm(calls) } });
}

function renderCall(
  { id, subject }: AskedCall,
  { position, maxChars }: { position: number; maxChars: number },
): string {
  const { exposedName, server, class: toolClass, reason } = subject;
  return [
    `${position + 1}. ${show(id)}: ${show(exposedName)} on server ${show(server)} (${toolClass})`,
    `   arguments: ${showArguments(subject.arguments, { maxChars, known: subject.knownFields ?? [] })}`,
    `   why: ${showInvisible(shorten(reason, maxReasonChars))}`,
  ].join('\n');
}

function show(name: string): string {
  return showInvisible(shorten(name, maxNameChars));
}

function shorten(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars - 1)}…`;
}
