import type { BatchConfig } from '../../config/config.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Plan } from '../../core/plan.ts';
import { noTiming } from '../compute-timing.ts';
import { renderPlanLines } from '../preview/plan-lines.ts';
import { renderPlanSummary } from '../preview/plan-summary.ts';
import { renderPlanRows } from '../preview/render-plan-rows.ts';
import { toPlanRows } from '../preview/to-plan-rows.ts';
import type { BatchRequest } from '../request/batch-request.ts';
import { countStatuses, listWarnings, renderWarnings } from './render-summary.ts';

// An entry of `after` with its `why` takes about as many characters of the reply.
const waitChars = 40;

/** The `CallToolResult` of `mode: plan`: what would run when, and why. Nothing was sent. */
export function renderPlan(bag: {
  plan: Plan;
  request: BatchRequest;
  batchId: string;
  settings: BatchConfig;
}): JsonObject {
  const { plan, request, batchId, settings } = bag;
  const rows = toPlanRows(plan, Math.floor(settings.maxReplyChars / waitChars));
  const summary = renderPlanSummary(batchId, rows);
  const warnings = listWarnings({ plan }, { rows: [], keptAs: undefined });
  if (request.format === 'text') {
    const head = [summary, ...renderWarnings(warnings)];
    const budget = head.reduce((rest, line) => rest - line.length - 1, settings.maxReplyChars);
    return { content: [{ type: 'text', text: [...head, ...renderPlanLines(rows, budget)].join('\n') }] };
  }
  const reply = (planRows: JsonObject[]): JsonObject => ({
    content: [{ type: 'text', text: summary }],
    structuredContent: {
      batchId,
      status: 'planned',
      counts: countStatuses([]),
      results: [],
      plan: planRows,
      timing: { wallMs: 0, ...noTiming },
      warnings,
    },
  });
  const around = JSON.stringify(reply([])).length;
  return reply(renderPlanRows(rows, Math.max(0, settings.maxReplyChars - around)));
}
