import type { JsonObject } from '../../core/json.ts';
import { renderLock } from '../../core/lock.ts';
import { cutMiddle } from '../budget/cut-middle.ts';
import { cutText } from '../budget/cut-text.ts';
import { fairShares } from '../budget/fair-shares.ts';
import { maxLockChars, renderLocks } from './to-plan-rows.ts';
import type { PlanRow } from './to-plan-rows.ts';

const maxLocks = 20;
// Of a path in less than this, nobody can tell which it is.
const leastLockChars = 40;
// However long the fields are that every row has, what stands beside them gets a quarter of the budget.
const leastShare = 1 / 4;

/** What a row says beside its plain fields, in the room that it has. */
interface Lists {
  locks: readonly string[];
  after: PlanRow['after'];
  message: string;
}

/**
 * What a plan says of each call, as data, together within `budget` characters of JSON: every row with its plain fields, and a fair
 * share of the rest for its message or for its locks and the nearest calls that it waits for, at least one of each.
 */
export function renderPlanRows(rows: readonly PlanRow[], budget: number): JsonObject[] {
  const whole = rows.map((row): Lists => ({
    locks: renderLocks(row.locks, maxLocks),
    after: row.after,
    message: row.ended?.error.message ?? '',
  }));
  const plain = rows.reduce((sum, row) => sum + charsOf(toRow(row, { locks: [], after: [], message: '' })), 0);
  const shares = fairShares(whole.map(charsOfLists), Math.max(budget - plain, budget * leastShare));
  return rows.map((row, index) => toRow(row, fit(row, { whole: whole[index]!, share: shares[index] ?? 0 })));
}

function fit(row: PlanRow, { whole, share }: { whole: Lists; share: number }): Lists {
  if (charsOfLists(whole) <= share) return whole;
  if (row.ended !== undefined) return { ...whole, message: cutText(whole.message, share) };
  const [, ofAfter = 0] = fairShares([charsOfTexts(whole.locks), charsOfAfter(whole.after)], share);
  const after = fitAfter(whole.after, ofAfter);
  return { ...whole, after, locks: fitLocks(row, { locks: whole.locks, share: share - charsOfAfter(after) }) };
}

/** As many as there is room for, the first of them in any case. */
function fitLocks(
  { locks: all }: PlanRow,
  { locks, share }: { locks: readonly string[]; share: number },
): readonly string[] {
  if (charsOfTexts(locks) <= share) return locks;
  const first = all[0];
  const least = Math.min(maxLockChars, Math.max(leastLockChars, share));
  const shown = renderLocks(all, Math.max(1, countFitting(locks.map(charsOf), share)));
  return first === undefined ? [] : [cutMiddle(renderLock(first), least), ...shown.slice(1)];
}

/** The nearest, which stand last; one of them in any case. */
function fitAfter(after: PlanRow['after'], share: number): PlanRow['after'] {
  const chars = after.map((wait) => charsOfAfter([wait]));
  return after.slice(-Math.max(1, countFitting(chars.reverse(), share)));
}

function countFitting(sizes: readonly number[], room: number): number {
  let rest = room;
  const end = sizes.findIndex((chars) => (rest -= chars) < 0);
  return end < 0 ? sizes.length : end;
}

function toRow(row: PlanRow, { locks, after, message }: Lists): JsonObject {
  const { id, index, server, tool, class: toolClass, reason, afterCount, approval, approvalReason } = row;
  const { step, isOpen, sameAs, ended } = row;
  return {
    id,
    index,
    ...(server !== undefined && { server }),
    tool,
    ...(toolClass !== undefined && { class: toolClass }),
    ...(reason !== undefined && { reason }),
    locks: [...locks],
    after: after.map((one) => one.id),
    why: after.map(({ why }) => why),
    ...(afterCount > after.length && { afterCount }),
    approval: approval !== 'none',
    ...(approvalReason !== undefined && { approvalReason }),
    step,
    ...(isOpen && { open: true }),
    ...(sameAs !== undefined && { sameAs }),
    ...(ended !== undefined && { error: { code: ended.error.code, message } }),
  };
}

function charsOfLists({ locks, after, message }: Lists): number {
  return charsOfTexts(locks) + charsOfAfter(after) + message.length;
}

function charsOfAfter(after: PlanRow['after']): number {
  return after.reduce((sum, { id, why }) => sum + charsOf(id) + charsOf(why), 0);
}

function charsOfTexts(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + charsOf(text), 0);
}

/** As JSON, with the comma behind it. */
function charsOf(value: string | JsonObject): number {
  return JSON.stringify(value).length + 1;
}
