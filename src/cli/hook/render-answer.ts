import { formatCounted } from '../../batch/reply/format-amount.ts';
import { plainLine } from '../terminal/plain-text.ts';
import { strictest } from './tool-use.ts';
import type { HookDecision, JudgedUse } from './tool-use.ts';

/** The client cuts what hooks print at 10,000 characters, and cut JSON is none. */
const maxReasonChars = 6_000;
/** One call with a long reason leaves room for the others. */
const maxLineChars = 240;

/** What the hook says of a use of a tool. */
export interface HookAnswer {
  decision: HookDecision;
  reason: string;
}

/** What the hook prints: one line of JSON. */
export function renderAnswer({ decision, reason }: HookAnswer): string {
  const hookSpecificOutput = {
    hookEventName: 'PreToolUse',
    permissionDecision: decision,
    permissionDecisionReason: cut(reason, maxReasonChars),
  };
  return JSON.stringify({ hookSpecificOutput });
}

/** The answer about a batch, or about one tool: every call in a line, those first that keep it from being allowed. */
export function summarize(judged: readonly JudgedUse[], title: string): HookAnswer {
  const decision = strictest(judged);
  const order: readonly HookDecision[] = ['deny', 'ask', 'allow'];
  const sorted = order.flatMap((one) => judged.filter((use) => use.decision === one));
  const lines = sorted.map(renderUse);
  const counts = order.flatMap((one) => {
    const count = judged.filter((use) => use.decision === one).length;
    return count === 0 ? [] : [`${count} ${one}`];
  });
  const head = `${title}: ${formatCounted(judged.length, 'call')}, ${counts.join(', ')}`;
  return { decision, reason: fit([head, ...lines]) };
}

function renderUse({ id, tool, class: toolClass, decision, reason }: JudgedUse): string {
  const who = [id === undefined ? undefined : `[${id}]`, tool, toolClass && `(${toolClass})`].filter(Boolean).join(' ');
  return cut(`${plainLine(who)} ${decision}: ${plainLine(reason)}`, maxLineChars);
}

/** As many lines as there is room for, and how many more there are. */
function fit(lines: readonly string[]): string {
  const shown: string[] = [];
  let chars = 0;
  for (const line of lines) {
    chars += line.length + 1;
    // Room for the last line.
    if (chars > maxReasonChars - 40) return [...shown, `and ${lines.length - shown.length} more`].join('\n');
    shown.push(line);
  }
  return shown.join('\n');
}

function cut(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars - 1)}…`;
}
