import type { RecordStore } from '../../clients/registration/files/record-store.ts';
import type { Target } from '../../clients/registration/registration.ts';
import { applyUnregistration, planUnregistration } from '../../clients/registration/unregister.ts';
import { previewLines } from './preview.ts';
import type { Result } from './render-results.ts';

/** Takes mcp-marshal out of one client's file; with `show`, what would change is shown instead. */
export async function takeOut(
  target: Target,
  {
    name,
    store,
    script,
    show,
  }: { name: string; store: RecordStore; script: string; show: ((lines: string[]) => void) | undefined },
): Promise<Result> {
  const undoing = await planUnregistration(target, { name, store, script });
  const about = { ...target, notes: [] };
  if (undoing.kind === 'failed') return { ...about, status: 'failed', reason: undoing.reason, fix: undoing.fix };
  if (show !== undefined) {
    if (undoing.kind === 'absent') return { ...about, status: 'absent' };
    const { from, to } = undoing;
    show([`--- ${target.path}`, ...previewLines(from, { after: to ?? '', own: '' }), '']);
    return { ...about, status: 'planned' };
  }
  const applied = await applyUnregistration(undoing, store);
  if (!applied.ok) return { ...about, status: 'failed', reason: applied.reason, fix: applied.fix };
  return { ...about, status: undoing.kind, ...(applied.backup !== undefined && { backup: applied.backup }) };
}
