import type { JsonObject } from '../../core/json.ts';
import { renderProblem } from '../../core/place.ts';
import { noTiming } from '../compute-timing.ts';
import type { Refusal } from '../request/batch-request.ts';
import { describeFirst } from '../input/field-problems.ts';
import { cutText } from '../budget/cut-text.ts';
import { countStatuses } from './render-summary.ts';

const maxProblems = 50;
const maxProblemChars = 300;
const maxMessageChars = 4_000;

/** The `CallToolResult` of a batch of which nothing was run: why, with every problem on a line of its own. */
export function renderRefusal({ error, problems, format }: Omit<Refusal, 'ok'>, batchId: string): JsonObject {
  const lines = describeFirst(problems, (one) => cutText(renderProblem(one), maxProblemChars), maxProblems);
  const message = cutText(error.message, maxMessageChars);
  // A message that only strings the problems together would say them twice.
  const isRepeated = error.message === problems.map(renderProblem).join('; ');
  const head = `batch refused, nothing was run: ${error.code}${isRepeated ? '' : `: ${message}`}`;
  const text = [head, ...lines.map((line) => `- ${line}`)].join('\n');
  const content = [{ type: 'text', text }];
  if (format === 'text') return { content, isError: true };
  const structuredContent = {
    batchId,
    status: 'refused',
    counts: countStatuses([]),
    results: [],
    timing: { wallMs: 0, ...noTiming },
    warnings: [],
    error: { code: error.code, message, retryable: error.retryable },
    problems: lines,
  };
  return { content, structuredContent, isError: true };
}
