import type { RecordStore } from '../../clients/registration/files/record-store.ts';
import type { Target } from '../../clients/registration/registration.ts';
import { applyUnregistration, planUnregistration } from '../../clients/registration/unregister.ts';
import { previewLines } from './preview.ts';
import type { Result } from './render-results.ts';

/** Clients write their files while they run, and another install may be at work. */
const maxAttempts = 3;

/** Takes mcp-marshal out of one client's file; with `show`, what would change is shown instead. */
export async function takeOut(target: Target, options: TakeOutOptions): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    const { result, isStale } = await takeOne(target, options);
    if (!isStale || attempt === maxAttempts) return result;
  }
}

interface TakeOutOptions {
  name: string;
  store: RecordStore;
  script: string;
  show: ((lines: string[]) => void) | undefined;
}

async function takeOne(
  target: Target,
  { name, store, script, show }: TakeOutOptions,
): Promise<{ result: Result; isStale: boolean }> {
  const as = (result: Result, isStale = false): { result: Result; isStale: boolean } => ({ result, isStale });
  const undoing = await planUnregistration(target, { name, store, script });
  const about = { ...target, notes: [] };
  if (undoing.kind === 'failed') return as({ ...about, status: 'failed', reason: undoing.reason, fix: undoing.fix });
  if (show !== undefined) {
    if (undoing.kind === 'absent') return as({ ...about, status: 'absent' });
    const { from, to } = undoing;
    show([`--- ${target.path}`, ...previewLines(from, { after: to ?? '', own: '' }), '']);
    return as({ ...about, status: 'planned' });
  }
  const applied = await applyUnregistration(undoing, store);
  if (!applied.ok) {
    const { reason, fix, isStale } = applied;
    return as({ ...about, status: 'failed', reason, fix }, isStale);
  }
  return as({ ...about, status: undoing.kind, ...(applied.backup !== undefined && { backup: applied.backup }) });
}
