import { describe, expect, test } from 'vitest';
import { createArgumentValidator } from '../../src/batch/plan/argument-validator.ts';
import { offerRecipe } from '../../src/batch/recipe/offer-recipe.ts';
import type { RecipeConfig } from '../../src/config/recipe/recipe.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { ServerOffer } from '../../src/core/protocol/server.ts';
import type { Surface, Tool } from '../../src/core/tool.ts';
import { createLiveCatalog, type CatalogChange } from '../../src/serve/live-catalog.ts';
import { recipeOf } from '../batch/recipe/recipe-of.ts';
import { settings } from '../batch/tiny-catalog.ts';
import { makePolicy, makeTool } from '../policy/make-policy.ts';
import { createVirtualClock } from '../schedule/virtual-clock.ts';
import { recordingLogger } from '../upstream/support.ts';

function live(first: Tool[] = [], recipes: readonly RecipeConfig[] = []) {
  const clock = createVirtualClock();
  const validate = createArgumentValidator();
  const { logger, lines } = recordingLogger();
  const policy = makePolicy({ deny: ['secret'] });
  let tools = first;
  let naming: 'prefixed' | 'bare' = 'prefixed';
  let presentation: { surface: Surface; maxDescriptionChars?: number; settings?: typeof settings } = {
    surface: 'passthrough',
  };
  let offered: readonly ServerOffer[] = [];
  const announcedMs: number[] = [];
  const changes: CatalogChange[] = [];
  const catalog = createLiveCatalog({
    sources: () => [{ server: 'files', policy, tools }],
    offerRecipes: (catalog) =>
      recipes.map((recipe) =>
        offerRecipe(recipe, { catalog, settings, servers: new Map(), unavailable: () => undefined, validate }),
      ),
    naming: () => naming,
    presentation: () => presentation,
    offers: () => offered,
    clock,
    logger,
  });
  const stop = catalog.onChange((change) => {
    announcedMs.push(clock.now());
    changes.push(change);
  });
  return {
    catalog,
    clock,
    announcedMs,
    changes,
    present(next: typeof presentation) {
      presentation = next;
      catalog.refresh();
    },
    rename(next: typeof naming) {
      naming = next;
      catalog.refresh();
    },
    offerCapabilities(server: string, capabilities: JsonObject) {
      offered = [{ server, capabilities, toolList: {} }];
      catalog.refresh();
    },
    stop,
    warnings: () => lines().map(({ msg }) => msg),
    offer(names: string[]) {
      tools = names.map((name) => makeTool(name));
      catalog.refresh();
    },
    offerTools(next: Tool[]) {
      tools = next;
      catalog.refresh();
    },
  };
}

describe('the catalogue as it changes', () => {
  test('shows a change at once, and announces it at once where it is the first', async () => {
    const { catalog, clock, announcedMs, offer } = live();
    offer(['read']);
    expect(catalog.current().listed.map(({ name }) => name)).toEqual(['files__read']);
    await clock.pass(0);
    expect(announcedMs).toEqual([0]);
  });

  test('announces a storm of changes once a second at most, and the last of them always', async () => {
    const { clock, announcedMs, offer } = live();
    for (let change = 0; change < 100; change++) {
      offer([`tool_${change}`]);
      await clock.pass(25);
    }
    await clock.runOut();
    expect(announcedMs).toEqual([0, 1_000, 2_000, 3_000]);
    expect(clock.timers()).toBe(0);
  });

  test('announces nothing where the list is what it was, nor where it is so again by then', async () => {
    const { clock, announcedMs, offer } = live();
    offer(['read']);
    await clock.pass(10);
    expect(announcedMs).toEqual([0]);
    offer(['read']);
    await clock.pass(5_000);
    offer(['read']);
    await clock.pass(5_000);
    expect(announcedMs).toEqual([0]);

    // The first change opens a second in which nothing is announced; what came and went in it is no news.
    offer(['read', 'write']);
    await clock.pass(10);
    offer(['read']);
    offer(['read', 'write']);
    await clock.runOut();
    expect(announcedMs).toEqual([0, 10_010]);
  });

  test('announces nothing where only a tool changed that clients do not see', async () => {
    const { catalog, clock, announcedMs, offer } = live([makeTool('read')]);
    offer(['read', 'secret']);
    await clock.runOut();
    expect(catalog.current().entries).toHaveLength(2);
    expect(announcedMs).toEqual([]);
  });

  test('announces another surface, and shorter descriptions, which clients list otherwise', async () => {
    const { clock, changes, present } = live([makeTool('read')]);
    for (const next of [
      { surface: 'find' },
      { surface: 'passthrough' },
      { surface: 'passthrough', maxDescriptionChars: 80 },
    ] as const) {
      present(next);
      await clock.runOut();
    }
    expect(changes.map(({ tools }) => tools)).toEqual([true, true, true]);
  });

  test('announces other limits of a batch, which stand in the schemas of our own tools', async () => {
    const { clock, announcedMs, present } = live([makeTool('read')]);
    present({ surface: 'find', settings });
    await clock.runOut();
    const before = announcedMs.length;
    present({ surface: 'find', settings: { ...settings } });
    await clock.runOut();
    expect(announcedMs).toHaveLength(before);
    present({ surface: 'find', settings: { ...settings, maxCalls: settings.maxCalls + 1 } });
    await clock.runOut();
    expect(announcedMs).toHaveLength(before + 1);
  });

  test('announces nothing of tools that no client lists, but of recipes', async () => {
    const { clock, announcedMs, present, offer } = live([], [recipeOf({ calls: [{ tool: 'files__read' }] })]);
    present({ surface: 'batch-only' });
    await clock.runOut();
    offer(['write']);
    await clock.runOut();
    expect(announcedMs).toHaveLength(1);
    offer(['write', 'read']);
    await clock.runOut();
    expect(announcedMs).toHaveLength(2);
  });

  test('tells nobody who has gone, and nothing after its end', async () => {
    const { catalog, clock, announcedMs, stop, offer } = live();
    stop();
    offer(['read']);
    await clock.runOut();
    expect(announcedMs).toEqual([]);
    offer(['write']);
    catalog.close();
    expect(clock.timers()).toBe(0);
  });

  test('announces a recipe that has become something else, and nothing where it has not', async () => {
    const recipe = recipeOf({ calls: [{ tool: 'files__read' }] });
    const annotated = { ...makeTool('read'), annotations: { readOnlyHint: true } };
    const { catalog, clock, announcedMs, offerTools } = live([], [recipe]);
    const hints = (): unknown => catalog.recipes().get('triage')?.tool.annotations;
    expect(hints()).toMatchObject({ destructiveHint: true });
    offerTools([annotated]);
    expect(hints()).toEqual({ readOnlyHint: true });
    await clock.runOut();
    offerTools([annotated]);
    await clock.runOut();
    expect(announcedMs).toHaveLength(1);
  });

  test('warns of a call of a recipe that cannot run, once, and again only after it could', () => {
    const { warnings, offer } = live([makeTool('secret')], [recipeOf({ calls: [{ tool: 'files__secret' }] })]);
    expect(warnings()).toEqual([expect.stringContaining('of the recipe triage cannot run: policy denies it')]);
    offer(['secret', 'read']);
    expect(warnings()).toHaveLength(1);
  });

  test('warns of an odd tool once, not at every change', async () => {
    const { clock, warnings, offer } = live();
    offer(['', 'read']);
    offer(['', 'read', 'write']);
    await clock.runOut();
    expect(warnings()).toHaveLength(1);
    expect(warnings()[0]).toContain('files');
  });
});

describe('what a change of the configuration means for a client', () => {
  test('other names are a new list of tools, and of prompts', async () => {
    const { catalog, clock, changes, offer, rename } = live();
    offer(['read']);
    await clock.pass(1_000);
    rename('bare');
    expect(catalog.current().listed.map(({ name }) => name)).toEqual(['read']);
    await clock.pass(1_000);
    expect(changes).toEqual([
      { tools: true, offering: false },
      { tools: true, offering: true },
    ]);
  });

  test('a server that has prompts and no tools is told of, and the list of tools is not said to have changed', async () => {
    const { clock, changes, offerCapabilities } = live();
    offerCapabilities('words', { prompts: {} });
    await clock.pass(1_000);
    expect(changes).toEqual([{ tools: false, offering: true }]);
  });

  test('what changes nothing that is listed is told to nobody', async () => {
    const { catalog, clock, changes } = live();
    catalog.refresh();
    await clock.pass(1_000);
    expect(changes).toEqual([]);
  });
});
