import { readableNode } from '../../batch/preview/readable-node.ts';
import type { Lock } from '../../core/lock.ts';

/**
 * Locks as a person reads them: `files/tmp/a.txt exclusively`, `files shared`. Intentions on what lies above are left out: they only
 * say that something below is held.
 */
export function describeLocks(locks: readonly Lock[]): string[] {
  return locks
    .filter(({ mode }) => mode === 'S' || mode === 'X')
    .map(({ node, mode }) => {
      const resource = node === '' ? 'everything' : readableNode(node);
      return `${resource} ${mode === 'X' ? 'exclusively' : 'shared'}`;
    });
}
