import type { Client } from '../../../core/protocol/client.ts';
import type { Engine, Reception } from '../../engine.ts';

/** An engine that nothing uses any more is kept this long, for the next request of the same client. */
const keptMs = 60_000;
/** Capabilities are the clients' words: whoever makes up new ones all the time pushes idle engines out before their time. */
const maxIdle = 100;

/** Engines of clients that have no sessions: one per principal and capabilities, for as long as there are requests. */
export interface JoinedEngines {
  /** The engine of a client, joined if it is not yet. Every `take` is followed by one `giveBack`. */
  take(client: Client, capabilitiesKey: string): { engine: Engine; giveBack: () => void };
  /** Closes those of one client, whatever they are used for. */
  leaveAll(clientId: string): void;
  close(): void;
}

export interface JoinedEnginesOptions {
  /** Called with each engine that is joined; what it returns is called when the engine is closed. */
  onJoin: (engine: Engine) => () => void;
}

interface Joined {
  clientId: string;
  engine: Engine;
  leave: () => void;
  users: number;
  cancelTimer?: (() => void) | undefined;
}

export function createJoinedEngines(reception: Reception, { onJoin }: JoinedEnginesOptions): JoinedEngines {
  const joined = new Map<string, Joined>();

  const join = (client: Client): Joined => {
    const engine = reception.join(client);
    return { clientId: client.id, engine, leave: onJoin(engine), users: 0 };
  };
  const leave = (key: string, entry: Joined): void => {
    joined.delete(key);
    entry.cancelTimer?.();
    entry.leave();
    entry.engine.close();
  };
  const leaveOldestIdle = (): void => {
    if (joined.size <= maxIdle) return;
    for (const [key, entry] of joined) {
      if (entry.users === 0 && !entry.engine.batches.isBusy()) return leave(key, entry);
    }
  };
  const leaveLater = (key: string, entry: Joined): void => {
    entry.cancelTimer = reception.clock.after(keptMs, () => {
      // Batches go on without a request, and over these connections.
      if (entry.engine.batches.isBusy()) leaveLater(key, entry);
      else leave(key, entry);
    });
  };

  return {
    take(client, capabilitiesKey) {
      const key = `${client.id}\n${capabilitiesKey}`;
      const entry: Joined = joined.get(key) ?? join(client);
      joined.set(key, entry);
      entry.cancelTimer?.();
      entry.cancelTimer = undefined;
      entry.users++;
      const giveBack = (): void => {
        entry.users--;
        if (entry.users > 0 || joined.get(key) !== entry) return;
        leaveLater(key, entry);
        leaveOldestIdle();
      };
      return { engine: entry.engine, giveBack };
    },
    leaveAll(clientId) {
      for (const [key, entry] of joined) if (entry.clientId === clientId) leave(key, entry);
    },
    close() {
      for (const [key, entry] of joined) leave(key, entry);
    },
  };
}
