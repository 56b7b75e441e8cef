import type { ShownStatus } from '../../reply/replied-call.ts';

/** How an end other than `ok` looks: a shape, so that nobody needs the colour. */
export interface StatusMark {
  /** Path around its own middle, 8 units wide. */
  path: string;
  /** Class of the style sheet. */
  tone: 'bad' | 'odd' | 'quiet';
  /** In a legend. */
  word: string;
}

const cross = 'M-3.5-3.5 3.5 3.5M3.5-3.5-3.5 3.5';
const barred = 'M4 0A4 4 0 1 1-4 0 4 4 0 1 1 4 0ZM-2.8-2.8 2.8 2.8';
const clock = 'M4 0A4 4 0 1 1-4 0 4 4 0 1 1 4 0ZM0-2.2V0H2';
const onward = 'M-4-3.5 0 0-4 3.5M0-3.5 4 0 0 3.5';
const dash = 'M-4 0H4';
const broken = 'M-4 0H-1M1 0H4M-1-4 1 4';

const marks: Record<Exclude<ShownStatus, 'ok'>, StatusMark> = {
  tool_error: { path: cross, tone: 'bad', word: 'tool error' },
  failed: { path: cross, tone: 'bad', word: 'failed' },
  invalid: { path: barred, tone: 'bad', word: 'invalid' },
  denied: { path: barred, tone: 'bad', word: 'denied' },
  timeout: { path: clock, tone: 'odd', word: 'timeout' },
  cancelled: { path: dash, tone: 'odd', word: 'cancelled' },
  pending: { path: onward, tone: 'odd', word: 'pending' },
  running: { path: onward, tone: 'odd', word: 'running' },
  interrupted: { path: broken, tone: 'bad', word: 'interrupted' },
  skipped: { path: dash, tone: 'quiet', word: 'skipped' },
};

/** The mark of a status; `undefined` for what ended well. */
export function markOf(status: ShownStatus): StatusMark | undefined {
  return status === 'ok' ? undefined : marks[status];
}
