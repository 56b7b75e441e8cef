import { expect, test } from 'vitest';
import { createInspector } from '../../src/app/inspector.ts';
import { buildCatalog } from '../../src/catalog/build-catalog.ts';
import { toSetup } from '../../src/serve/setup.ts';
import type { Tool } from '../../src/core/tool.ts';
import { stubParts } from '../cli/stub-proxy.ts';
import { makePolicy, makeTool } from '../policy/make-policy.ts';
import { createVirtualClock } from '../schedule/virtual-clock.ts';
import { recordingLogger } from '../upstream/support.ts';

function inspector() {
  const clock = createVirtualClock();
  const { logger, lines } = recordingLogger();
  const setup = toSetup(stubParts({ a: {}, b: {} }).config);
  const { look, close } = createInspector({ clock, logger, setup: () => setup });
  return {
    clock,
    close,
    logged: () => lines().map(({ msg }) => msg),
    look: (tools: readonly Tool[]) =>
      look(() => buildCatalog([{ server: 'a', policy: makePolicy({}), tools }], { naming: 'prefixed' })),
  };
}
const odd = { ...makeTool('read'), description: 'a\u200b' };

test('what is odd about a tool is logged once, however often the catalogue changes', async () => {
  const { clock, look, logged } = inspector();
  look([odd]);
  expect(logged()).toEqual([]);
  await clock.pass(1_000);
  look([{ ...odd }, makeTool('b__read')]);
  await clock.pass(1_000);
  expect(logged()).toEqual([
    'a: "read" its description holds characters without a width (U+200B)',
    'a: "b__read" has a name that reads as a tool of b',
  ]);
});

test('a server that makes up odd tools without end does not fill the log', async () => {
  const { clock, look, logged } = inspector();
  look(Array.from({ length: 1_000 }, (_, index) => ({ ...odd, name: `t${index}` })));
  await clock.pass(1_000);
  expect(logged()).toHaveLength(200);
});

test('nothing is looked at once the program closes', async () => {
  const { clock, look, logged, close } = inspector();
  look([odd]);
  close();
  look([odd]);
  await clock.pass(1_000);
  expect(logged()).toEqual([]);
});
