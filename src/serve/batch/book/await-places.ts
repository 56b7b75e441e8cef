/** A client waits for a batch once, or once for each of a few of its calls. */
const maxAwaits = 16;

/** Requests of `batch_await` that are open at one batch. */
export interface AwaitPlaces {
  /** A place, to be given back once; or why there is none. */
  take(principal: string): { ok: true; giveBack: () => void } | { ok: false; reason: string };
}

export function createAwaitPlaces(): AwaitPlaces {
  const taken = new Map<string, number>();
  return {
    take(principal) {
      const own = taken.get(principal) ?? 0;
      if (own >= maxAwaits) {
        return {
          ok: false,
          reason: `${maxAwaits} requests wait for this batch already; wait for one of them to be answered`,
        };
      }
      taken.set(principal, own + 1);
      return {
        ok: true,
        giveBack() {
          const left = (taken.get(principal) ?? 1) - 1;
          if (left === 0) taken.delete(principal);
          else taken.set(principal, left);
        },
      };
    },
  };
}
