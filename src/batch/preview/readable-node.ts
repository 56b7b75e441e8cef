import type { Lock } from '../../core/lock.ts';

/** The key of a lock in a sentence: `/` and `~` inside a segment as they are, which lock tables write as `~1` and `~0`. */
export function readableNode(node: Lock['node']): string {
  return node.replaceAll('~1', '/').replaceAll('~0', '~');
}
