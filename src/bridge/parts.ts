import type { Clock } from '../core/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Desk } from './desk.ts';
import type { Wire } from './http/wire.ts';
import type { Link } from './link/link.ts';

/** What everything in the bridge works with. */
export interface Parts {
  desk: Desk;
  wire: Wire;
  link: Link;
  clock: Clock;
  /** 0 to 1. */
  random: () => number;
  logger: Logger;
}
