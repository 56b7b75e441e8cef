// What a server of the benchmark holds: for each path, the number of the call that wrote it last.
import { isWithin, overlaps, touchesOf } from './calls.mjs';

export function createStore() {
  const writers = new Map();
  return {
    /**
     * What the call finds: numbers of the calls that last wrote what it touches, or something above or below, in rising order.
     * Two writes that touch nothing of each other leave the same behind in either order.
     */
    see(call) {
      const keys = touchesOf(call).map(({ key }) => key);
      const found = [...writers].filter(([written]) => keys.some((key) => overlaps(written, key)));
      return [...new Set(found.map(([, n]) => n))].sort((a, b) => a - b);
    },
    /** What the call leaves behind: its number, in place of whatever was at or below the paths that it writes. */
    commit(call, n) {
      for (const { key, mode } of touchesOf(call)) {
        if (mode !== 'write') continue;
        for (const written of writers.keys()) if (isWithin(written, key)) writers.delete(written);
        writers.set(key, n);
      }
    },
  };
}

/** What each call would see if all ran one by one in the order given. A call that fails or never answers leaves nothing. */
export function serialValues(calls) {
  const stores = new Map();
  return calls.map((call, n) => {
    if (!stores.has(call.server)) stores.set(call.server, createStore());
    const store = stores.get(call.server);
    const seen = store.see(call);
    if (!call.args.fail && !call.args.hang) store.commit(call, n);
    return seen;
  });
}
