import type { UpstreamState } from '../../upstream/upstream.ts';
import type { CliContext, CliProxy } from '../context.ts';
import { interruptedFailure } from '../failure.ts';
import { formatCounted, formatMs } from '../../batch/reply/format-amount.ts';
import { tell } from '../output.ts';
import { quietMs } from '../terminal/show-progress.ts';
import { createStatusLine } from '../terminal/status-line.ts';

/** As long as an upstream itself may take to connect. */
export const defaultConnectLimitMs = 30_000;
/** Fast enough to look alive, and to go on soon after the one server that a call needs is there. */
const lookEveryMs = 50;
/** Of the servers that are still awaited; a status line has no room for more. */
const maxNamed = 3;
/** Before this, no line of a log is worth it. */
const patientMs = 3_000;

/**
 * Connects all upstreams and waits until each is ready or has failed, until the limit of the command, or until `isEnough` says that
 * the command can go on without the rest. `onLook` is called as long as it waits, and once at the end; `wipe` takes the status line
 * off the screen before it prints. Throws when the command is stopped.
 */
export async function awaitUpstreams(
  context: CliContext,
  proxy: CliProxy,
  { isEnough = () => false, onLook = () => {} }: { isEnough?: () => boolean; onLook?: (wipe: () => void) => void } = {},
): Promise<void> {
  const status = createStatusLine(context.io, { isHushed: context.json });
  proxy.start();
  const startedMs = performance.now();
  let isTold = status.isVisible;
  const over = new AbortController();
  const enough = new Promise<void>((resolve) => {
    const look = setInterval(() => {
      if (isEnough()) resolve();
      onLook(() => status.clear());
      const waitedMs = performance.now() - startedMs;
      if (waitedMs >= quietMs) status.show(describeProgress(proxy.upstreams()));
      if (isTold || waitedMs < patientMs) return;
      isTold = true;
      tell(context, describeWait(proxy.upstreams(), { waitedMs, limitMs: context.connectLimitMs }));
    }, lookEveryMs);
    over.signal.addEventListener('abort', () => clearInterval(look));
    context.stop.addEventListener('abort', () => resolve(), { signal: over.signal });
  });
  try {
    if (!context.stop.aborted) await Promise.race([proxy.settled(context.connectLimitMs), enough]);
  } finally {
    over.abort();
    status.clear();
  }
  if (context.stop.aborted) throw interruptedFailure();
  onLook(() => status.clear());
}

/**
 * Why an upstream cannot be used now, after waiting for `limitMs`; `undefined` for one that can. Of one that fails again and again, the
 * end of the wait falls into an attempt as often as between two: what the last one died of is said either way.
 */
export function unreachableReason({ state, reason, lastFailure }: UpstreamState, limitMs: number): string | undefined {
  if (state === 'ready') return undefined;
  if (state === 'connecting') return lastFailure ?? `no answer within ${formatMs(limitMs)}`;
  return reason ?? state;
}

function describeProgress(upstreams: readonly UpstreamState[]): string {
  const slow = connectingOf(upstreams);
  const ready = upstreams.filter(({ state }) => state === 'ready').length;
  const count = `${ready} of ${formatCounted(upstreams.length, 'server')} ready`;
  if (slow.length === 0) return `connecting: ${count}`;
  const more = slow.length > maxNamed ? ` and ${slow.length - maxNamed} more` : '';
  return `connecting: ${slow.slice(0, maxNamed).join(', ')}${more} (${count})`;
}

/** One line, for those who see no status line. */
function describeWait(
  upstreams: readonly UpstreamState[],
  { waitedMs, limitMs }: { waitedMs: number; limitMs: number },
): string[] {
  const slow = connectingOf(upstreams);
  if (slow.length === 0) return [];
  // The timer is some milliseconds late at times.
  const waited = formatMs(Math.floor(waitedMs / 1_000) * 1_000);
  return [`still connecting: ${slow.join(', ')} (${waited}); waiting up to ${formatMs(limitMs)}`];
}

function connectingOf(upstreams: readonly UpstreamState[]): string[] {
  return upstreams.filter(({ state }) => state === 'connecting').map(({ name }) => name);
}
