import { batchTools } from '../batch/batch-tools.ts';
import type { OfferedRecipe } from '../batch/recipe/offer-recipe.ts';
import { buildCatalog } from '../catalog/build-catalog.ts';
import type { Catalog } from '../catalog/build-catalog.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import { isJsonObject } from '../core/json.ts';
import type { ServerOffer } from '../core/protocol/server.ts';
import { renderProblem } from '../core/place.ts';
import type { Logger } from '../lib/logger.ts';
import type { Setup } from './setup.ts';

/** Clients hear of a changed list at most this often (reliability.md F13). */
const announceEveryMs = 1_000;

/** What has changed of what clients list. */
export interface CatalogChange {
  /** The list of tools differs. */
  tools: boolean;
  /** Others of the servers have prompts or resources, or these have other names. */
  offering: boolean;
}

/** The catalogue as it changes: one immutable snapshot after the other. */
export interface LiveCatalog {
  current(): Catalog;
  /** By name: what the recipes are by the current snapshot. */
  recipes(): ReadonlyMap<string, OfferedRecipe>;
  /** Builds a new snapshot of what the upstreams offer now, as the configuration has it now. */
  refresh(): void;
  /** Tells of lists that differ from the last ones, at most once a second, the last change never lost. Returns what ends that. */
  onChange(listener: (change: CatalogChange) => void): () => void;
  close(): void;
}

export function createLiveCatalog({
  sources,
  offers,
  offerRecipes,
  naming,
  presentation = () => ({ surface: 'passthrough' }),
  clock,
  logger,
}: {
  sources: () => Parameters<typeof buildCatalog>[0];
  offers: () => readonly ServerOffer[];
  /** What the configured recipes are by a snapshot. */
  offerRecipes: (catalog: Catalog) => readonly OfferedRecipe[];
  naming: () => Config['naming'];
  /** What else the configuration says of what clients list. Absent: they list everything, whole. */
  presentation?: () => Pick<Setup, 'surface' | 'maxDescriptionChars'> & Partial<Pick<Setup, 'settings'>>;
  clock: Clock;
  logger: Logger;
}): LiveCatalog {
  const listeners = new Set<(change: CatalogChange) => void>();
  const recipesOf = (snapshot: Catalog): ReadonlyMap<string, OfferedRecipe> =>
    new Map(offerRecipes(snapshot).map((offered) => [offered.recipe.name, offered]));
  const findWarnings = (): string[] => [
    ...catalog.warnings,
    ...[...recipes.values()].flatMap(({ warnings }) => warnings.map(renderProblem)),
  ];
  const toListed = (): string => {
    const { surface, maxDescriptionChars, settings } = presentation();
    const ours = settings && batchTools(settings, surface);
    const tools = surface === 'passthrough' ? catalog.listed : [];
    return JSON.stringify([surface, maxDescriptionChars, ours, [...recipes.values()].map(({ tool }) => tool), tools]);
  };
  const toOffering = (): string => JSON.stringify([naming(), offers().map(describeOffer)]);
  let catalog = buildCatalog(sources(), { naming: naming() });
  let recipes = recipesOf(catalog);
  let announced = toListed();
  let offered = toOffering();
  let lastAnnouncedMs = Number.NEGATIVE_INFINITY;
  let cancelTimer: (() => void) | undefined;

  // Lists from before are odd as they were then; what is denied to a recipe stands in today's configuration.
  for (const warning of findWarnings()) if (!catalog.warnings.includes(warning)) logger.warn({}, warning);

  const announce = (): void => {
    cancelTimer = undefined;
    const listed = toListed();
    const offering = toOffering();
    const change = { tools: listed !== announced, offering: offering !== offered };
    if (!change.tools && !change.offering) return;
    announced = listed;
    offered = offering;
    lastAnnouncedMs = clock.now();
    for (const listener of listeners) listener(change);
  };

  return {
    current: () => catalog,
    recipes: () => recipes,
    refresh() {
      const before = new Set(findWarnings());
      catalog = buildCatalog(sources(), { naming: naming() });
      recipes = recipesOf(catalog);
      for (const warning of findWarnings()) if (!before.has(warning)) logger.warn({}, warning);
      cancelTimer ??= clock.after(Math.max(0, lastAnnouncedMs + announceEveryMs - clock.now()), announce);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => cancelTimer?.(),
  };
}

/** Which lists a server has beside that of its tools. Before it has said so for the first time it has none. */
function describeOffer({ server, capabilities }: ServerOffer): unknown {
  return [server, ...['prompts', 'resources'].map((list) => isJsonObject(capabilities?.[list]))];
}
