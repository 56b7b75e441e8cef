import { offerRecipe } from '../batch/recipe/offer-recipe.ts';
import type { Config } from '../config/config.ts';
import type { Engine } from '../serve/engine.ts';
import { createLiveCatalog, type LiveCatalog } from '../serve/live-catalog.ts';
import type { FleetGroup } from '../upstream/link/fleet-group.ts';

/** One live catalogue per group of clients, for as long as the group lives. */
export interface GroupCatalogs {
  of(group: FleetGroup): LiveCatalog;
  close(): void;
}

export interface GroupCatalogsOptions extends Pick<Engine, 'setup' | 'validate' | 'clock' | 'logger'> {
  /** As configured now. */
  recipes: () => Config['recipes'];
}

export function createGroupCatalogs({ recipes, ...shared }: GroupCatalogsOptions): GroupCatalogs {
  const catalogs = new Map<FleetGroup, { live: LiveCatalog; stopWatching: () => void }>();
  const drop = (group: FleetGroup): void => {
    const found = catalogs.get(group);
    catalogs.delete(group);
    found?.stopWatching();
    found?.live.close();
  };
  const open = (group: FleetGroup): LiveCatalog => {
    const live = createLiveCatalog({
      ...shared,
      naming: () => shared.setup().naming,
      sources: group.sources,
      offers: group.offers,
      offerRecipes(catalog) {
        const states = new Map(group.states().map((upstream) => [upstream.name, upstream]));
        // A list that was kept says nothing of what the server lacks now.
        const unavailable = (name: string): string | undefined => {
          const upstream = states.get(name);
          return upstream === undefined || upstream.state === 'ready' ? undefined : (upstream.reason ?? upstream.state);
        };
        return recipes().map((recipe) => offerRecipe(recipe, { ...shared, ...shared.setup(), catalog, unavailable }));
      },
    });
    catalogs.set(group, { live, stopWatching: group.onChange(live.refresh) });
    void group.ended.then(() => drop(group));
    return live;
  };
  return {
    of: (group) => catalogs.get(group)?.live ?? open(group),
    close() {
      for (const group of catalogs.keys()) drop(group);
    },
  };
}
