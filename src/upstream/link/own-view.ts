import type { FleetGroup } from './fleet-group.ts';
import type { Router } from './router.ts';

/** A group as a client sees it that has connections to itself: what these offer stands in the place of what the others share. */
export function createOwnView(group: FleetGroup, router: Pick<Router, 'mine' | 'onChange'>): OwnView {
  let finish = (): void => {};
  const closed = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return {
    view: {
      sources: () =>
        group.sources().map((source) => {
          const own = router.mine(source.server);
          return own === undefined ? source : { ...source, tools: own.upstream.tools() };
        }),
      states: () => group.states().map((state) => router.mine(state.name)?.upstream.state() ?? state),
      offers: () =>
        group.offers().map((offer) => {
          const own = router.mine(offer.server)?.upstream.offer();
          return own?.capabilities === undefined ? offer : own;
        }),
      onChange(listener) {
        const stops = [group.onChange(listener), router.onChange(listener)];
        return () => {
          for (const stop of stops) stop();
        };
      },
      settled: group.settled,
      // Not a race with the group's end: what waits for a promise that lives on is never given back. A group outlives its clients.
      ended: closed,
    },
    close: finish,
  };
}

export interface OwnView {
  view: FleetGroup;
  /** The client has gone. */
  close(): void;
}
