import { offerRecipe } from '../batch/recipe/offer-recipe.ts';
import type { CatalogSource } from '../catalog/build-catalog.ts';
import { quarantineOf } from '../catalog/lock/quarantine-of.ts';
import type { Config } from '../config/config.ts';
import type { Tool } from '../core/tool.ts';
import type { Engine } from '../serve/engine.ts';
import { createLiveCatalog, type LiveCatalog } from '../serve/live-catalog.ts';
import type { FleetGroup } from '../upstream/link/fleet-group.ts';
import { createInspector } from './inspector.ts';
import { createPatternWarmer } from './pattern-warmer.ts';

/** One live catalogue per group of clients, for as long as the group lives. */
export interface GroupCatalogs {
  of(group: FleetGroup): LiveCatalog;
  close(): void;
}

export interface GroupCatalogsOptions extends Pick<Engine, 'setup' | 'validate' | 'clock' | 'logger'> {
  /** As configured now. */
  recipes: () => Config['recipes'];
  lock: () => Config['lock'];
}

export function createGroupCatalogs({ recipes, lock, ...shared }: GroupCatalogsOptions): GroupCatalogs {
  const warmer = createPatternWarmer();
  const inspector = createInspector(shared);
  /** Lists from before are held against the lock file as those of today are. */
  const sourcesOf = (group: FleetGroup): CatalogSource[] => {
    const locked = lock();
    const sources = group.sources();
    if (locked === undefined) return sources;
    const { servers } = shared.setup();
    return sources.map((source) => {
      const server = servers.get(source.server);
      const held = server === undefined ? () => 'its server is not configured any more' : quarantineOf(locked, server);
      return { ...source, quarantineOf: held };
    });
  };
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
      presentation: shared.setup,
      sources: () => sourcesOf(group),
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
    const warm = (): void => {
      warmer.look(() => toolsOf(live));
      inspector.look(live.current);
    };
    const refresh = (): void => {
      live.refresh();
      warm();
    };
    catalogs.set(group, { live, stopWatching: group.onChange(refresh) });
    warm();
    void group.ended.then(() => drop(group));
    return live;
  };
  return {
    of: (group) => catalogs.get(group)?.live ?? open(group),
    close() {
      warmer.close();
      inspector.close();
      for (const group of catalogs.keys()) drop(group);
    },
  };
}

function toolsOf(live: LiveCatalog): Tool[] {
  return [...live.current().byExposedName.values()].map(({ tool }) => tool);
}
