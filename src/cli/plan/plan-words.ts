import { formatCount } from '../../batch/reply/format-amount.ts';
import type { Lock, LockMode } from '../../core/lock.ts';
import { describeLocks } from '../render/lock-words.ts';
import { plainLine } from '../terminal/plain-text.ts';
import type { PlannedRow } from './planned-row.ts';

/** More names than this say less than their number does. */
const maxNames = 5;

/** What there is to say of a planned call beside its place in the order, short and whole. */
export interface PlanWords {
  short: string;
  whole: string;
}

/** What a call waits for, whether it needs approval or may come to, and what it locks; of one that would not run, the code of the reason. */
export function describeRow(row: PlannedRow): PlanWords {
  if (row.error !== undefined) {
    const code = plainLine(row.error.code);
    const [first = ''] = row.error.message.trim().split('\n');
    return { short: code, whole: `${code}: ${plainLine(first)}` };
  }
  const ids = row.after.map(({ id }) => id);
  const twin = row.sameAs === undefined ? '' : `same as ${plainLine(row.sameAs)}`;
  const approval = row.approval ? (row.open ? 'may need approval' : 'needs approval') : '';
  const whenKnown = row.approval && row.open ? ', once its arguments are known' : '';
  const why = row.approval && row.approvalReason !== undefined ? ` (${plainLine(row.approvalReason)})` : '';
  const held = row.locks.map(readLock);
  const locks = describeLocks(held.filter((lock) => lock !== undefined)).map(plainLine);
  const locked = locks.length === 0 ? '' : `locks ${row.open ? 'at most ' : ''}${listNames(locks)}`;
  // Of very many locks, a plan names the first and then says so.
  const isCut = held.includes(undefined) && locks.length <= maxNames;
  return {
    short: joinParts([
      ids.length === 0 ? '' : `after ${listNames(ids.map(plainLine), row.afterCount)}`,
      twin,
      approval,
    ]),
    whole: joinParts([
      describeWait(row),
      twin,
      `${approval}${whenKnown}${why}`,
      isCut && locked !== '' ? `${locked} and more` : locked,
    ]),
  };
}

/** `after c1, c2 (both touch files/a.txt), c0 (needs its result)`: what has one reason stands together. */
function describeWait({ after, afterCount }: PlannedRow): string {
  const byReason = new Map<string, string[]>();
  for (const { id, why } of after) {
    const ids = byReason.get(why);
    if (ids === undefined) byReason.set(why, [plainLine(id)]);
    else ids.push(plainLine(id));
  }
  const groups = [...byReason].map(([why, ids]) => `${listNames(ids)}${why === '' ? '' : ` (${plainLine(why)})`}`);
  const unnamed = afterCount - after.length;
  if (unnamed > 0) groups.push(`${formatCount(unnamed)} more`);
  return groups.length === 0 ? '' : `after ${groups.join(', ')}`;
}

function listNames(names: readonly string[], count = names.length): string {
  const shown = names.slice(0, maxNames);
  return `${shown.join(', ')}${count > shown.length ? ` and ${formatCount(count - shown.length)} more` : ''}`;
}

function joinParts(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('; ');
}

/** A lock from the form in which plans carry it. */
function readLock(written: string): Lock | undefined {
  const match = /^(IS|IX|S|X) (.*)$/s.exec(written);
  const mode = modes.find((one) => one === match?.[1]);
  if (mode === undefined) return undefined;
  return { mode, node: match?.[2] === '(everything)' ? '' : (match?.[2] ?? '') };
}

const modes: readonly LockMode[] = ['IS', 'IX', 'S', 'X'];
