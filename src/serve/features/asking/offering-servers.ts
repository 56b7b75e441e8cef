import type { Engine } from '../../engine.ts';
import type { ServerOffer } from '../../../core/protocol/server.ts';

/**
 * The servers that declare a capability, in the order of the configuration. A server that stands alone is always among them: what it
 * says is what there is to say, also where it declares nothing.
 */
export function offeringServers(engine: Engine, capability: string): readonly ServerOffer[] {
  const offers = engine.offers();
  return offers.length === 1 ? offers : offers.filter((offer) => offer.capabilities?.[capability] !== undefined);
}
