import type { Clock } from '../../core/clock.ts';

/** The keys of an issuer as they are read, and how one of them is found; `undefined`: there is none such. */
export type FindKey<Header, Key> = (header: Header) => Promise<Key | undefined>;

export interface KeyStoreOptions<Header, Key> {
  /** Reads the keys; nothing where that fails. Never rejects. */
  read: () => Promise<FindKey<Header, Key> | undefined>;
  clock: Clock;
}

/** From then on keys are read again, while those that there are still count: an issuer that is slow slows nobody down. */
const freshMs = 10 * 60_000;
/** For so long an issuer may be away. Keys that it has withdrawn in the meantime count no longer than this. */
const keptMs = 60 * 60_000;
/** Whatever tokens come: the issuer is asked no more often than this. */
const cooldownMs = 30_000;
/** Tokens that wait for an issuer that is slow, whoever made them up: more than come when its keys have changed. */
const maxWaiting = 100;

/** Finds keys, and reads them anew where that may help. */
export function createKeyStore<Header, Key>({ read, clock }: KeyStoreOptions<Header, Key>): FindKey<Header, Key> {
  let held: { find: FindKey<Header, Key>; readMs: number } | undefined;
  let triedMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  let waiting = 0;

  const readAgain = async (): Promise<void> => {
    const find = await read();
    if (find !== undefined) held = { find, readMs: clock.now() };
  };
  const renew = (): Promise<void> => {
    if (reading !== undefined) return reading;
    if (clock.now() - triedMs < cooldownMs) return Promise.resolve();
    triedMs = clock.now();
    reading = readAgain().finally(() => (reading = undefined));
    return reading;
  };
  const findNow = (header: Header): Promise<Key | undefined> | undefined =>
    held !== undefined && clock.now() - held.readMs < keptMs ? held.find(header) : undefined;

  return async (header) => {
    const key = await findNow(header);
    if (key !== undefined) {
      if (held !== undefined && clock.now() - held.readMs >= freshMs) void renew();
      return key;
    }
    // A new key is first heard of by a token that was signed with it.
    if (waiting >= maxWaiting) return undefined;
    waiting++;
    await renew();
    waiting--;
    return findNow(header);
  };
}
