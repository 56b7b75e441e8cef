import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createKeptCatalog, emptyProfile, type KeptCatalog, stemOf } from '../../src/upstream/kept-catalog.ts';
import { fixture, recordingLogger, serverConfig, temporaryDirectory } from './support.ts';

test('a list that is kept is not said not to be, where another process removes old ones at the same time', async () => {
  const { path, remove } = temporaryDirectory();
  onTestFinished(remove);
  const server = serverConfig(fixture('scripted.mjs'));
  // Named by the folder and gone when it is looked at, as what another process has just removed.
  mkdirSync(join(path, 'catalog'));
  const gone = `${stemOf(server)}-${'0'.repeat(16)}.json`;
  symlinkSync(join(path, 'nowhere'), join(path, 'catalog', gone));
  const { logger, lines } = recordingLogger();
  const catalog = createKeptCatalog({ stateDir: path, logger });
  for (let client = 0; client < 9; client += 1) {
    await catalog.save({ server, profile: `client ${client}` }, { tools: [], verdict: { kind: 'legacy' } });
  }
  expect(lines()).toEqual([]);
  const kept = readdirSync(join(path, 'catalog'));
  expect(kept).toHaveLength(7);
  expect(kept).not.toContain(gone);
});

test('a list that another process has kept is not replaced by word that a server was silent here', async () => {
  const { path, remove } = temporaryDirectory();
  onTestFinished(remove);
  const seen = { server: serverConfig(fixture('scripted.mjs')), profile: emptyProfile };
  const { logger } = recordingLogger();
  const open = (): KeptCatalog => createKeptCatalog({ stateDir: path, logger });
  const tools = [{ name: 'echo', inputSchema: { type: 'object' } }];
  await open().save(seen, { tools, verdict: { kind: 'legacy' } });
  await open().saveSilence(seen);
  expect(open().load(seen)?.tools).toEqual(tools);
});
