import { modesConflict, type Lock, type LockMode } from '../../core/lock.ts';

/** A call's place in the lock table, from the moment it enters until it gives its locks back. */
export interface LockTicket {
  /** Gives every lock back, granted or still waited for; a second call does nothing. */
  release(): void;
}

/** The locks of the whole process. In-process by default; an implementation over a shared store keeps this interface. */
export interface LockTable {
  /**
   * Enters all locks at once and calls `granted` when the last of them is held, possibly before `enter` returns.
   * Who enters first goes first wherever two calls conflict; calls that do not conflict never wait for each other.
   * Nobody waits for a later arrival, so nothing deadlocks.
   */
  enter(locks: readonly Lock[], granted: () => void): LockTicket;
  /** Whether all of them would be held at once. */
  wouldGrant(locks: readonly Lock[]): boolean;
  /** Number of nodes that somebody holds or waits for; 0 when nothing is leaked. */
  size(): number;
}

const modes = ['IS', 'IX', 'S', 'X'] as const;
const modeIndex: Record<LockMode, number> = { IS: 0, IX: 1, S: 2, X: 3 };
const conflictTable = modes.map((a) => modes.map((b) => modesConflict(a, b)));

interface Waiter {
  mode: number;
  ticket: Ticket;
}

interface Node {
  name: string;
  /** How many hold the node, by mode. */
  held: number[];
  queue: Waiter[];
}

interface Ticket {
  missing: number;
  granted: () => void;
  nodes: { node: Node; mode: number; held: boolean }[];
  released: boolean;
}

export function createLockTable(): LockTable {
  const nodes = new Map<string, Node>();

  const enter = (locks: readonly Lock[], granted: () => void): LockTicket => {
    const ticket: Ticket = { missing: 0, granted, nodes: [], released: false };
    for (const lock of locks) {
      const node = nodeOf(lock.node);
      const mode = modeIndex[lock.mode];
      const held = isFree(node, mode);
      ticket.nodes.push({ node, mode, held });
      if (held) {
        node.held[mode]!++;
      } else {
        ticket.missing++;
        node.queue.push({ mode, ticket });
      }
    }
    if (ticket.missing === 0) granted();
    return { release: () => release(ticket) };
  };

  const release = (ticket: Ticket): void => {
    if (ticket.released) return;
    ticket.released = true;
    for (const { node, mode, held } of ticket.nodes) {
      if (held) node.held[mode]!--;
      else node.queue = node.queue.filter((waiter) => waiter.ticket !== ticket);
    }
    // Promoted only after every node is updated: a grant may call back into the table.
    const grants: Ticket[] = [];
    for (const { node } of ticket.nodes) {
      if (node.queue.length > 0) promote(node, grants);
      if (isIdle(node) && !staysAnyway(node.name)) nodes.delete(node.name);
    }
    for (const promoted of grants) if (!promoted.released) promoted.granted();
  };

  const nodeOf = (name: string): Node => {
    let node = nodes.get(name);
    if (node === undefined) {
      node = { name, held: [0, 0, 0, 0], queue: [] };
      nodes.set(name, node);
    }
    return node;
  };

  const wouldGrant = (locks: readonly Lock[]): boolean =>
    locks.every(({ node: name, mode }) => {
      const node = nodes.get(name);
      return node === undefined || isFree(node, modeIndex[mode]);
    });

  return { enter, wouldGrant, size: () => [...nodes.values()].filter((node) => !isIdle(node)).length };
}

/** Whether nobody holds the node, or waits for it, whom this mode conflicts with. */
function isFree({ queue, held }: Node, mode: number): boolean {
  return !conflicts(mode, held) && !queue.some((waiter) => conflictTable[waiter.mode]![mode]!);
}

function isIdle({ queue, held }: Node): boolean {
  return queue.length === 0 && held[0] === 0 && held[1] === 0 && held[2] === 0 && held[3] === 0;
}

/** The root and the domains: every call passes through them, and there are no more of them than configured servers. */
function staysAnyway(name: string): boolean {
  return !name.includes('/');
}

/** Grants from the head of the queue whatever conflicts neither with a holder nor with an earlier waiter. */
function promote(node: Node, grants: Ticket[]): void {
  const passedOver = [0, 0, 0, 0];
  const still: Waiter[] = [];
  for (const [position, waiter] of node.queue.entries()) {
    if (passedOver[3]! > 0) {
      // Behind a waiting X everything waits.
      still.push(...node.queue.slice(position));
      break;
    }
    if (conflicts(waiter.mode, node.held) || conflicts(waiter.mode, passedOver)) {
      passedOver[waiter.mode]!++;
      still.push(waiter);
      continue;
    }
    node.held[waiter.mode]!++;
    const entry = waiter.ticket.nodes.find((held) => held.node === node)!;
    entry.held = true;
    if (--waiter.ticket.missing === 0) grants.push(waiter.ticket);
  }
  node.queue = still;
}

function conflicts(mode: number, counts: readonly number[]): boolean {
  const row = conflictTable[mode]!;
  return (
    (row[0]! && counts[0]! > 0) ||
    (row[1]! && counts[1]! > 0) ||
    (row[2]! && counts[2]! > 0) ||
    (row[3]! && counts[3]! > 0)
  );
}
