import type { UpstreamState } from '../../upstream/upstream.ts';
import type { CliContext, CliProxy } from '../context.ts';
import { interruptedFailure } from '../failure.ts';
import { formatCounted } from '../../batch/reply/format-amount.ts';
import { createStatusLine } from '../terminal/status-line.ts';

/** As long as an upstream itself may take to connect. */
const connectLimitMs = 30_000;
/** Fast enough to look alive, and to go on soon after the one server that a call needs is there. */
const lookEveryMs = 50;
/** Before this, nobody wonders what the program is waiting for. */
const quietMs = 300;

/**
 * Connects all upstreams and waits until each is ready or has failed, or until `isEnough` says that the command can go on without
 * the rest. `onLook` is called as long as it waits, and once at the end; `wipe` takes the status line off the screen before it prints.
 * Throws when the command is stopped.
 */
export async function awaitUpstreams(
  context: CliContext,
  proxy: CliProxy,
  { isEnough = () => false, onLook = () => {} }: { isEnough?: () => boolean; onLook?: (wipe: () => void) => void } = {},
): Promise<void> {
  const status = createStatusLine(context.io);
  proxy.start();
  const startedMs = performance.now();
  const over = new AbortController();
  const enough = new Promise<void>((resolve) => {
    const look = setInterval(() => {
      if (isEnough()) resolve();
      onLook(() => status.clear());
      if (performance.now() - startedMs >= quietMs) status.show(describeProgress(proxy.upstreams()));
    }, lookEveryMs);
    over.signal.addEventListener('abort', () => clearInterval(look));
    context.stop.addEventListener('abort', () => resolve(), { signal: over.signal });
  });
  try {
    if (!context.stop.aborted) await Promise.race([proxy.settled(connectLimitMs), enough]);
  } finally {
    over.abort();
    status.clear();
  }
  if (context.stop.aborted) throw interruptedFailure();
  onLook(() => status.clear());
}

/** Why an upstream cannot be used now; `undefined` for one that can. */
export function unreachableReason({ state, reason }: UpstreamState): string | undefined {
  if (state === 'ready') return undefined;
  if (state === 'connecting') return `not connected after ${connectLimitMs / 1000} s`;
  return reason ?? state;
}

function describeProgress(upstreams: readonly UpstreamState[]): string {
  const slow = upstreams.filter(({ state }) => state === 'connecting').map(({ name }) => name);
  const ready = upstreams.filter(({ state }) => state === 'ready').length;
  const waiting = slow.length > 0 ? ` (slow: ${slow.join(', ')})` : '';
  return `connecting: ${ready} of ${formatCounted(upstreams.length, 'server')} ready${waiting}`;
}
