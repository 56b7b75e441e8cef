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

/** Does to one client's file what was planned. */
export async function putIn(
  planned: Planned,
  options: { store: RecordStore; command: OwnCommand | undefined },
): Promise<Result> {
  if (!isChange(planned)) return toResult(planned);
  const { target, kind, notes } = planned;
  const applied = await applyRegistration(planned, options);
  if (!applied.ok) return { ...target, status: 'failed', reason: applied.reason, fix: applied.fix, notes: [] };
  const { by, switchedOff, backup } = applied;
  return {
    ...target,
    status: kind === 'new' ? 'registered' : 'renewed',
    by,
    switchedOff,
    ...(backup !== undefined && { backup }),
    notes: [...notes, ...applied.notes],
  };
}

/** What would be done. */
export function toResult(planned: Planned): Result {
  const { target, notes } = planned;
  if (planned.kind === 'failed')
    return { ...target, status: 'failed', reason: planned.reason, fix: planned.fix, notes };
  if (planned.kind === 'same') return { ...target, status: 'unchanged', notes };
  return { ...target, status: 'planned', switchedOff: planned.done.switched.map(({ name }) => name), notes };
}
