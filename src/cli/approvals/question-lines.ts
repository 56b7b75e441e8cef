import type { ShownQuestion } from '../../approvals/line/line-messages.ts';
import { showInvisible } from '../../core/text/show-invisible.ts';
import { renderTable } from '../render/table.ts';
import { brushOfClass, type Paint } from '../terminal/paint.ts';
import { plainLine } from '../terminal/plain-text.ts';
import type { Screen } from '../terminal/screen.ts';

/** Narrower than this the reason goes: what the call is and what it is given matter more. */
const reasonWidth = 140;

/** All questions, one line each; whole for whatever reads a pipe. */
export function renderQuestions(
  questions: readonly ShownQuestion[],
  { isTerminal, width, unicode, paint, now }: Screen & { paint: Paint; now: number },
): string[] {
  const hasReason = !isTerminal || width >= reasonWidth;
  const head = ['id', 'age', 'expires in', 'client', 'tool', 'class', ...(hasReason ? ['reason'] : []), 'arguments'];
  const rows = questions.map((question) => [
    { text: question.id, brush: paint.bold },
    { text: shortSpan(now - Date.parse(question.askedAt)) },
    { text: shortSpan(Date.parse(question.expiresAt) - now) },
    { text: plainLine(question.client) },
    { text: plainLine(question.tool) },
    { text: question.class, brush: paint[brushOfClass[question.class]] },
    ...(hasReason ? [{ text: plainLine(question.reason), brush: paint.dim }] : []),
    { text: plainLine(question.shown) },
  ]);
  return renderTable([head.map((text) => ({ text, brush: paint.dim })), ...rows], {
    width: isTerminal ? width : Infinity,
    mark: unicode ? '…' : '...',
  });
}

/** One question in full: what a yes is for. Arguments are shown whole where it has them. */
export function renderWhole(question: ShownQuestion, now: number): string[] {
  const { id, client, server, tool, reason, batchId, callId, remember, isAwaited } = question;
  const from = batchId === undefined ? `the call ${callId}` : `the call ${callId} of batch ${batchId}`;
  const then = isAwaited ? 'it waits for the answer' : 'it has ended; sent again, it passes once after a yes';
  return [
    `${id}: ${show(client)} wants ${show(tool)} on ${show(server)} (${question.class})`,
    `  why: ${show(reason)}`,
    ...argumentLines(question),
    `  from: ${show(from)}; ${then}`,
    `  asked ${shortSpan(now - Date.parse(question.askedAt))} ago, expires in ${shortSpan(Date.parse(question.expiresAt) - now)}`,
    ...(remember === 'none' ? [] : [`  a yes can be remembered: ${rememberWords[remember]}`]),
  ];
}

const rememberWords = {
  arguments: '--remember arguments (this call for an hour)',
  session: '--remember arguments (this call for an hour) or session (this tool until the client goes)',
};

function argumentLines(question: ShownQuestion): string[] {
  if (question.arguments === undefined) return [`  arguments: ${show(question.shown)}`];
  // Broken where JSON is, and nowhere else: line ends of the arguments are written out.
  const lines = JSON.stringify(question.arguments, null, 2).split('\n').map(showInvisible);
  return ['  arguments:', ...lines.map((line) => `    ${line}`)];
}

/** What came from elsewhere, on one line and without anything that could steer a terminal. */
function show(text: string): string {
  return showInvisible(text);
}

/** `45s`, `9m`: nobody decides by more than that. */
function shortSpan(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  return seconds < 120 ? `${seconds}s` : `${Math.round(seconds / 60)}m`;
}
