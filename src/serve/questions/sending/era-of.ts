import type { Era } from '../../../core/protocol/client.ts';
import type { Engine } from '../../engine.ts';

/** How a server is spoken to, or nothing while it is not known. */
export function eraOf(engine: Engine, server: string): Era | undefined {
  return engine.offers().find((offer) => offer.server === server)?.era;
}
