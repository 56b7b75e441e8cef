import type { AbortLike } from '../../core/abort.ts';
import type { Connection } from './open-connection.ts';

/** `failed`: the last attempt failed and another will be made. `closed`: by us, for good. */
export type UpstreamPhase = 'connecting' | 'ready' | 'failed' | 'closed';

export interface ConnectionGate {
  phase(): UpstreamPhase;
  /** Why there is no connection, in words. */
  reason(): string;
  /** Present exactly in the phase `ready`. */
  connection(): Connection | undefined;
  /** Lets everybody through. */
  open(connection: Connection): void;
  /** Those who come now wait while `connecting`, and are sent away in the other phases. `closed` is for good. */
  shut(phase: 'connecting' | 'failed' | 'closed', reason: string): void;
  /** The connection as soon as there is one, or why there is none: after `limitMs`, on abort, or at once where none is being made. */
  wait(limitMs: number, signal: AbortLike | undefined): Promise<Connection | string>;
}

/** Where calls wait for a connection. `onChange` follows every change of phase. */
export function createConnectionGate(onChange: () => void): ConnectionGate {
  let phase: UpstreamPhase = 'connecting';
  let reason = 'it has not been started';
  let connection: Connection | undefined;
  const waiting = new Set<() => void>();

  const change = (next: UpstreamPhase, why: string, made?: Connection): void => {
    if (phase === 'closed') return;
    phase = next;
    reason = why;
    connection = made;
    for (const look of waiting) look();
    onChange();
  };

  return {
    phase: () => phase,
    reason: () => reason,
    connection: () => connection,
    open: (made) => change('ready', '', made),
    shut: change,
    wait: (limitMs, signal) =>
      new Promise((resolve) => {
        const finish = (value: Connection | string): void => {
          waiting.delete(look);
          clearTimeout(timer);
          signal?.removeEventListener('abort', onAbort);
          resolve(value);
        };
        const look = (): void => {
          if (phase !== 'connecting') finish(connection ?? reason);
        };
        const onAbort = (): void => finish('the call was cancelled');
        const timer = setTimeout(() => finish(`not connected within ${limitMs / 1000} s; ${reason}`), limitMs);
        waiting.add(look);
        signal?.addEventListener('abort', onAbort, { once: true });
        look();
      }),
  };
}
