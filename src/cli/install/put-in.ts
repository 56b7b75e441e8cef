import { applyRegistration } from '../../clients/registration/apply-registration.ts';
import type { OwnCommand } from '../../clients/registration/command/claude-command.ts';
import type { RecordStore } from '../../clients/registration/files/record-store.ts';
import type { Planned } from '../../clients/registration/plan-registration.ts';
import type { Result } from './render-results.ts';

/** A plan that changes a file. */
export type Change = Extract<Planned, { kind: 'new' | 'renewed' }>;

export function isChange(planned: Planned): planned is Change {
  return planned.kind === 'new' || planned.kind === 'renewed';
}

/** Clients write their files while they run, and another install may be at work. */
const maxAttempts = 3;

/** Does to one client's file what was planned; where the file has changed since, it is planned `again`. */
export async function putIn(
  first: Planned,
  { again, ...options }: { store: RecordStore; command: OwnCommand | undefined; again: () => Promise<Planned> },
): Promise<Result> {
  let planned = first;
  for (let attempt = 1; ; attempt += 1) {
    const { result, isStale } = await putOne(planned, options);
    if (!isStale || attempt === maxAttempts) return result;
    planned = await again();
  }
}

async function putOne(
  planned: Planned,
  options: { store: RecordStore; command: OwnCommand | undefined },
): Promise<{ result: Result; isStale: boolean }> {
  if (!isChange(planned)) return { result: toResult(planned), isStale: false };
  const { target, kind, notes } = planned;
  const applied = await applyRegistration(planned, options);
  if (!applied.ok) {
    const { reason, fix, isStale = false } = applied;
    return { result: { ...target, status: 'failed', reason, fix, notes: [] }, isStale };
  }
  const { by, switchedOff, backup } = applied;
  const result: Result = {
    ...target,
    status: kind === 'new' ? 'registered' : 'renewed',
    by,
    switchedOff,
    ...(backup !== undefined && { backup }),
    notes: [...notes, ...applied.notes],
  };
  return { result, isStale: false };
}

/** What would be done. */
export function toResult(planned: Planned): Result {
  const { target, notes } = planned;
  if (planned.kind === 'failed')
    return { ...target, status: 'failed', reason: planned.reason, fix: planned.fix, notes };
  if (planned.kind === 'same') return { ...target, status: 'unchanged', notes };
  return { ...target, status: 'planned', switchedOff: planned.done.switched.map(({ name }) => name), notes };
}
