import type { Client } from '../../src/core/protocol/client.ts';
import type { Reception } from '../../src/serve/engine.ts';
import type { StubEngine } from './stub-engine.ts';

/** A reception that lets every client in to the same stub, and remembers who came. */
export function receptionOf({ engine, clock }: Pick<StubEngine, 'engine' | 'clock'>): Reception & { joined: Client[] } {
  const joined: Client[] = [];
  const { version, logger } = engine;
  return {
    version,
    clock,
    logger,
    joined,
    join(client) {
      joined.push(client);
      return engine;
    },
  };
}
