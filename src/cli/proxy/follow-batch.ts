import { formatCount } from '../../batch/reply/format-amount.ts';
import { isJsonObject } from '../../core/json.ts';
import type { JsonValue } from '../../core/json.ts';
import { plainLine } from '../terminal/plain-text.ts';
import { showProgress } from '../terminal/show-progress.ts';
import { createStatusLine } from '../terminal/status-line.ts';
import type { StatusLine } from '../terminal/status-line.ts';
import type { BatchInput, CliContext } from '../context.ts';

/** A batch that runs, as a person at the terminal sees it. */
export interface FollowedBatch {
  status: StatusLine;
  onProgress: NonNullable<BatchInput['onProgress']>;
  /** Takes it off the screen. */
  end(): void;
}

/** With more, the first of them say nothing of what it hangs on. */
const maxNamed = 3;
/** A terminal has no wider line; what is over is cut by it. */
const maxNameChars = 100;

/** Shows how many of these calls have ended, for how long they run, and towards the end which of them are still waited for. */
export function followBatch(context: CliContext, calls: JsonValue | undefined): FollowedBatch {
  const status = createStatusLine(context.io, { isHushed: context.json });
  const open = new Map((Array.isArray(calls) ? calls : []).map((call, index) => nameOf(call, index)));
  let shown = { done: 0, total: open.size };
  const end = showProgress(status, (elapsedMs) => {
    // Seconds that pass are seen to pass; with more digits they flicker.
    const elapsed = `${(elapsedMs / 1_000).toFixed(1)} s`;
    const names = [...open.values()];
    if (shown.total <= 1) return [`running for ${elapsed}`, ...names].join(': ');
    const left = shown.done > 0 && names.length > 0 && names.length <= maxNamed ? `, still ${names.join(', ')}` : '';
    return `${formatCount(shown.done)} of ${formatCount(shown.total)} calls done, ${elapsed}${left}`;
  });
  return {
    status,
    onProgress({ done, total, id }) {
      shown = { done, total };
      if (id !== undefined) open.delete(id);
    },
    end,
  };
}

function nameOf(call: JsonValue, index: number): [id: string, name: string] {
  const { id, tool } = isJsonObject(call) ? call : {};
  const known = typeof id === 'string' ? id : `c${index}`;
  return [known, plainLine(typeof tool === 'string' ? `${known} ${tool}`.slice(0, maxNameChars) : known)];
}
