import type { BatchConfig } from '../../config/config.ts';
import type { JsonObject } from '../../core/json.ts';
import { statuses } from '../../core/outcome.ts';
import type { Plan } from '../../core/plan.ts';
import { cutText } from '../budget/cut-text.ts';
import { fairShares } from '../budget/fair-shares.ts';
import { noTiming } from '../compute-timing.ts';
import { renderPlanLines } from '../preview/plan-lines.ts';
import { renderLocks, toPlanRows } from '../preview/to-plan-rows.ts';
import type { PlanRow } from '../preview/to-plan-rows.ts';
import type { BatchRequest } from '../request/batch-request.ts';
import { formatCount, formatCounted } from './format-amount.ts';
import { countStatuses, listWarnings, renderWarnings } from './render-summary.ts';

// An entry of `after` with its `why` takes about as many characters of the reply.
const waitChars = 40;
const maxLocks = 20;

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
  const warnings = listWarnings(plan, []);
  if (request.format === 'text') {
    const head = [summary, ...renderWarnings(warnings)];
    const budget = head.reduce((rest, line) => rest - line.length - 1, settings.maxReplyChars);
    return { content: [{ type: 'text', text: [...head, ...renderPlanLines(rows, budget)].join('\n') }] };
  }
  const messages = rows.map(({ ended }) => ended?.error.message.length ?? 0);
  const shares = fairShares(messages, settings.maxReplyChars);
  const structuredContent = {
    batchId,
    status: 'planned',
    counts: countStatuses([]),
    results: [],
    plan: rows.map((row, index) => toStructured(row, shares[index] ?? 0)),
    timing: { ...noTiming },
    warnings,
  };
  return { content: [{ type: 'text', text: summary }], structuredContent };
}

/** `batch 7f3a91 planned: 4 calls, 1 invalid, in 2 steps; nothing was sent` */
function renderPlanSummary(batchId: string, rows: readonly PlanRow[]): string {
  const ended = statuses.flatMap((status) => {
    const count = rows.filter((row) => row.ended?.status === status).length;
    return count > 0 ? [`${formatCount(count)} ${status}`] : [];
  });
  const steps = rows.reduce((most, { step }) => Math.max(most, step), 0);
  const parts = [formatCounted(rows.length, 'call'), ...ended, `in ${formatCounted(steps, 'step')}`];
  return `batch ${batchId} planned: ${parts.join(', ')}; nothing was sent`;
}

function toStructured(row: PlanRow, messageChars: number): JsonObject {
  const { id, index, server, tool, class: toolClass, reason, locks, after, afterCount, step, isOpen, sameAs } = row;
  const { needsApproval: approval, ended } = row;
  return {
    id,
    index,
    ...(server !== undefined && { server }),
    tool,
    ...(toolClass !== undefined && { class: toolClass }),
    ...(reason !== undefined && { reason }),
    locks: renderLocks(locks, maxLocks),
    after: after.map((one) => one.id),
    why: after.map(({ why }) => why),
    ...(afterCount > after.length && { afterCount }),
    approval,
    step,
    ...(isOpen && { open: true }),
    ...(sameAs !== undefined && { sameAs }),
    ...(ended !== undefined && {
      error: { code: ended.error.code, message: cutText(ended.error.message, messageChars) },
    }),
  };
}
