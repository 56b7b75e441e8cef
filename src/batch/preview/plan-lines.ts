import { cutText } from '../budget/cut-text.ts';
import { fairShares } from '../budget/fair-shares.ts';
import { formatCount } from '../reply/format-amount.ts';
import { describeCode } from '../reply/text/text-part.ts';
import { readableNode } from './readable-node.ts';
import { renderLocks } from './to-plan-rows.ts';
import type { PlanRow } from './to-plan-rows.ts';

const maxLocks = 8;
const maxIds = 12;
const indent = '\n     ';
// Behind a text that was cut.
const cutMark = ' …';
const approvalWords = { needed: 'needs approval', open: 'may need approval, once its arguments are known' };
// `and 1,000 more calls, for which there is no room`
const moreChars = 60;

/**
 * What a plan says of each call, one text per call, together within `budget` characters. Where room is short, the long texts are cut
 * fairly; every call keeps at least its id, step and class. Only where even that is too much are the last calls counted instead.
 */
export function renderPlanLines(rows: readonly PlanRow[], budget: number): string[] {
  const texts = rows.map((row) => {
    const lead = renderLead(row);
    return { lead, rest: renderTail(row), least: lead.length + cutMark.length + 1 };
  });
  const total = texts.reduce((sum, { lead, rest }) => sum + lead.length + rest.length + 1, 0);
  if (total <= budget) return texts.map(({ lead, rest }) => lead + rest);
  const fitting = countFitting(
    texts.map(({ least }) => least),
    budget,
  );
  const kept = texts.slice(0, fitting);
  const shares = fairShares(
    kept.map(({ rest }) => rest.length),
    kept.reduce((free, { least }) => free - least, fitting < rows.length ? budget - moreChars : budget),
  );
  const lines = kept.map(({ lead, rest }, index) => {
    const shown = cutText(rest, shares[index] ?? 0);
    return shown.length < rest.length ? `${lead}${shown}${cutMark}` : lead + rest;
  });
  const gone = rows.length - fitting;
  return gone > 0 ? [...lines, `and ${formatCount(gone)} more calls, for which there is no room`] : lines;
}

/** How many of the first leads there is room for, in whole; then also for the line that counts the others. */
function countFitting(leads: readonly number[], budget: number): number {
  if (leads.reduce((sum, chars) => sum + chars, 0) <= budget) return leads.length;
  let free = budget - moreChars;
  const end = leads.findIndex((chars) => (free -= chars) < 0);
  return Math.max(0, end);
}

/** `[c1] step 2 read`, or how it has ended. */
function renderLead({ id, step, class: toolClass, ended }: PlanRow): string {
  if (ended !== undefined) return `[${id}] ${ended.status.toUpperCase()}`;
  return `[${id}] step ${step} ${toolClass}`;
}

function renderTail(row: PlanRow): string {
  const { tool, reason, after, afterCount, isOpen, sameAs, approval, approvalReason, ended } = row;
  const name = tool === '' ? '' : ` ${tool.slice(0, 128).replaceAll(/\s/g, ' ')}`;
  if (ended !== undefined) {
    const { error } = ended;
    return `${name}: ${describeCode({ outcome: ended })}${error.message.replaceAll('\n', indent)}`;
  }
  const locks = row.locks.map(({ node, mode }) => ({ node: readableNode(node), mode }));
  const lines = [
    ...(sameAs === undefined ? [] : [`same call as ${sameAs}, sent once`]),
    ...(isOpen
      ? ['open: class and locks are the widest it can have, decided again when its references are filled']
      : []),
    locks.length === 0 ? 'no locks' : `locks ${renderLocks(locks, maxLocks).join(', ')}`,
    ...renderWaits(after),
    ...(afterCount > after.length ? [`after ${formatCount(afterCount - after.length)} earlier ones as well`] : []),
    ...(approval === 'none'
      ? []
      : [approvalWords[approval] + (approvalReason === undefined ? '' : `: ${approvalReason}`)]),
  ];
  return [`${name} (${reason})`, ...lines].join(indent);
}

/** `after c0, c1: both touch files/a.txt`, a line for each reason. */
function renderWaits(after: PlanRow['after']): string[] {
  const byReason = new Map<string, string[]>();
  for (const { id, why } of after) byReason.set(why, [...(byReason.get(why) ?? []), id]);
  return [...byReason].map(([why, ids]) => {
    const more = ids.length > maxIds ? ` and ${formatCount(ids.length - maxIds)} more` : '';
    return `after ${ids.slice(0, maxIds).join(', ')}${more}: ${why}`;
  });
}
