import { defaultLimits } from '../../../core/limits.ts';

/** Batches of one client that go on without a request that waits for them: nobody may be there any more who would stop one. */
const maxOfPrincipal = 16;

/** Where batches go on that have outlived their reply. */
export interface BackgroundPlaces {
  /** A place, to be given back once; or why there is none. `isShared`: many clients come under the principal, and none is held to what one may have. */
  take(
    principal: string,
    options: { isShared: boolean },
  ): { ok: true; giveBack: () => void } | { ok: false; reason: string };
}

export function createBackgroundPlaces(maxPlaces: number = defaultLimits.backgroundBatches): BackgroundPlaces {
  const taken = new Map<string, number>();
  let total = 0;
  return {
    take(principal, { isShared }) {
      const own = taken.get(principal) ?? 0;
      if (total >= maxPlaces) return refuse(`${maxPlaces} batches (limits.backgroundBatches)`);
      if (!isShared && own >= maxOfPrincipal) return refuse(`${maxOfPrincipal} batches of this client`);
      total++;
      taken.set(principal, own + 1);
      return {
        ok: true,
        giveBack() {
          total--;
          const left = (taken.get(principal) ?? 1) - 1;
          if (left === 0) taken.delete(principal);
          else taken.set(principal, left);
        },
      };
    },
  };
}

function refuse(who: string): { ok: false; reason: string } {
  const reason = `the batch ended at its deadline: ${who} go on in the background already; collect some with batch_await, or end them with batch_cancel`;
  return { ok: false, reason };
}
