import { modesConflict } from '../../core/lock.ts';
import type { Lock } from '../../core/lock.ts';
import type { PlanEntry, PlannedCall, When } from '../../core/plan.ts';
import { cutMiddle } from '../budget/cut-middle.ts';
import { readableNode } from './readable-node.ts';

// The whole path stands under the locks.
const maxNodeChars = 120;

const words: Record<When, string> = {
  ok: 'needs its result',
  settled: 'after it, whatever its end',
  error: 'only if it does not succeed',
};

/** Why a call waits for an earlier one of its batch, in a phrase: what it needs of it, what both touch, or that calls go one by one. */
export function whyAfter(call: PlannedCall, earlier: PlanEntry): string {
  const index = earlier.kind === 'run' ? earlier.call.index : earlier.index;
  const need = call.needs.find((one) => one.index === index);
  if (need !== undefined) return need.isOrderOnly && need.when === 'ok' ? 'only if it succeeds' : words[need.when];
  const node = earlier.kind === 'run' ? conflictNode(call.locks, earlier.call.locks) : undefined;
  if (node === undefined) return 'one at a time';
  if (node === '') return isAlone(call.locks) ? 'runs alone' : 'that one runs alone';
  return `both touch ${cutMiddle(readableNode(node), maxNodeChars)}`;
}

/** Under `barrier: true`: it holds the root itself. */
function isAlone(locks: readonly Lock[]): boolean {
  return locks.some(({ node, mode }) => node === '' && mode === 'X');
}

/** The most specific node on which two calls exclude each other. */
function conflictNode(own: readonly Lock[], others: readonly Lock[]): string | undefined {
  const nodes = own
    .filter(({ node, mode }) => others.some((other) => other.node === node && modesConflict(other.mode, mode)))
    .map(({ node }) => node);
  return nodes.reduce<string | undefined>(
    (best, node) => (best === undefined || depthOf(node) > depthOf(best) ? node : best),
    undefined,
  );
}

function depthOf(node: string): number {
  return node === '' ? 0 : node.split('/').length;
}
