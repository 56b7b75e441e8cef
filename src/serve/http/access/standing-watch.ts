import type { Identity, Standing } from '../../../access/identity.ts';
import type { Clock } from '../../../core/clock.ts';

/** Ends what was begun for a client whose credentials count no more. What begins later is refused as it comes. */
export interface StandingWatch {
  /** Calls `end` once, within a few seconds of that. What comes back takes the wish back. */
  add(identity: Identity, end: (standing: Exclude<Standing, 'valid'>) => void): () => void;
  /**
   * Calls `end` once after a person has taken back what the principal has shown last, be nothing of it open then. Whose time runs out
   * is followed no more.
   */
  follow(identity: Identity, end: () => void): void;
  close(): void;
}

/** A person who takes a token back sees its streams end while they look. */
const everyMs = 2000;

/** One timer for all, and none where there is nothing to watch. */
export function createStandingWatch(clock: Clock): StandingWatch {
  const watched = new Set<{ identity: Identity; end: (standing: Exclude<Standing, 'valid'>) => void }>();
  const followed = new Map<string, { identity: Identity; end: () => void }>();
  let cancel: (() => void) | undefined;
  let isClosed = false;

  const look = async (): Promise<void> => {
    for (const entry of watched) {
      const standing = await entry.identity.standing();
      if (standing !== 'valid' && watched.delete(entry)) entry.end(standing);
    }
    for (const [principal, entry] of followed) {
      const standing = await entry.identity.standing();
      if (standing === 'valid' || followed.get(principal) !== entry) continue;
      followed.delete(principal);
      if (standing === 'revoked') entry.end();
    }
  };
  const arm = (): void => {
    if (isClosed || cancel !== undefined || watched.size + followed.size === 0) return;
    cancel = clock.after(everyMs, () => {
      cancel = undefined;
      void look().then(arm);
    });
  };

  return {
    add(identity, end) {
      const entry = { identity, end };
      watched.add(entry);
      arm();
      return () => {
        watched.delete(entry);
        if (watched.size + followed.size > 0) return;
        cancel?.();
        cancel = undefined;
      };
    },
    follow(identity, end) {
      followed.set(identity.principal, { identity, end });
      arm();
    },
    close() {
      isClosed = true;
      cancel?.();
      followed.clear();
      watched.clear();
    },
  };
}
