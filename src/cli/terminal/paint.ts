import picocolors from 'picocolors';
import type { ToolClass } from '../../core/tool.ts';
import type { Decision } from '../../core/verdict.ts';
import type { ShownStatus } from '../reply/replied-call.ts';

/** Colours by meaning; all of them leave the text as it is where the screen has no colour. */
export interface Paint {
  bold: Brush;
  dim: Brush;
  good: Brush;
  odd: Brush;
  bad: Brush;
}

export type Brush = (text: string) => string;

/** The colours for a screen. */
export function createPaint({ color }: { color: boolean }): Paint {
  const { bold, dim, green, yellow, red } = picocolors.createColors(color);
  return { bold, dim, good: green, odd: yellow, bad: red };
}

/** How a call that ended so looks. */
export const brushOfStatus: Record<ShownStatus, keyof Paint> = {
  ok: 'good',
  tool_error: 'bad',
  failed: 'bad',
  invalid: 'bad',
  denied: 'bad',
  timeout: 'odd',
  cancelled: 'odd',
  pending: 'odd',
  running: 'odd',
  interrupted: 'bad',
  skipped: 'dim',
};

/** How a tool of this class looks. */
export const brushOfClass: Record<ToolClass, keyof Paint> = { read: 'good', write: 'odd', destructive: 'bad' };

/** How a decision looks. */
export const brushOfDecision: Record<Decision['decision'], keyof Paint> = { allow: 'good', ask: 'odd', deny: 'bad' };
